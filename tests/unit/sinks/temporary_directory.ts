/** A directory that is removed with everything in it. */
export class TemporaryDirectory implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "xdp-inspector-test-" });

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
