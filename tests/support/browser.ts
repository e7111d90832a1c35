/**
 * Pages in Debian's Chromium, which sees no network.
 *
 * @module
 */
import { type Browser, chromium, type Page } from "playwright-core";
import { findCommand } from "./system_packages.ts";

/** Chromium on a busy machine, milliseconds. */
const START_LIMIT_MS = 120_000;
/** One step of a page, milliseconds. */
const STEP_LIMIT_MS = 60_000;

/** Root has no sandbox; the rest keeps Chromium from calling home. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

/** Pages of files. What they say and what they ask for is remembered. */
export class PageViewer implements AsyncDisposable {
  readonly #browser: Browser;
  /** What a page said on its console, and its errors. */
  readonly messages: string[] = [];
  /** Addresses that a page asked for, but those of files. */
  readonly requests: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<PageViewer> {
    const browser = await chromium.launch({
      executablePath: findCommand("chromium") ?? "/usr/bin/chromium",
      args: FLAGS,
      timeout: START_LIMIT_MS,
    });
    return new PageViewer(browser);
  }

  /** Opens a file. */
  async open(
    path: string,
    { width = 1280, height = 900, scheme = "light" }: Look = {},
  ): Promise<Page> {
    const page = await this.#browser.newPage({
      viewport: { width, height },
      colorScheme: scheme,
    });
    page.setDefaultTimeout(STEP_LIMIT_MS);
    page.on("console", (message) => this.messages.push(message.text()));
    page.on("pageerror", (error) => this.messages.push(error.message));
    page.on("dialog", (dialog) => {
      this.messages.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) this.requests.push(request.url());
    });
    await page.goto(new URL(`file://${encodeURI(path).replaceAll("#", "%23")}`).href);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
