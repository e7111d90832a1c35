/**
 * The manual page: man-pages(7), groff_man(7). A pure function of the commands.
 *
 * @module
 */
import { PROGRAM_NAME, VERSION } from "../core/version.ts";
import type { CommandTexts } from "./command.ts";
import {
  choiceText,
  flagNames,
  flagText,
  HELP_COMMAND,
  HELP_FLAG,
  PROGRAM_SUMMARY,
  programFlagLine,
  usageLine,
  VERSION_FLAG,
} from "./help.ts";
import { QUESTIONS } from "./questions.ts";
import {
  COLUMN_TERMS,
  ENVIRONMENT,
  EXIT_CODE_TERMS,
  FILTER_DIFFERENCE_TERMS,
  FILTER_TERMS,
  INTERFACE_EVENT_TERMS,
  METADATA_TERMS,
  PACKET_FILES,
  REPORT_KEY_TERMS,
  SELECTION,
  SIGNALS,
  WHAT_IS_COUNTED,
} from "./reference.ts";

/** The page in roff, for section 1. */
export function manPage(commands: readonly CommandTexts[]): string {
  const name = PROGRAM_NAME.toUpperCase();
  return [
    `.TH ${text(name)} 1 "" "${PROGRAM_NAME} ${VERSION}" "User Commands"`,
    ".SH NAME",
    `${text(PROGRAM_NAME)} \\- record network traffic with eBPF into Parquet files`,
    ".SH SYNOPSIS",
    ...commands.map(usageLine).flatMap((
      line,
      index,
    ) => [...(index > 0 ? [".br"] : []), bold(line)]),
    ".br",
    bold(`${PROGRAM_NAME} ${HELP_COMMAND.name} [command]`),
    ".SH DESCRIPTION",
    text(PROGRAM_SUMMARY),
    ...items([programFlagLine(HELP_FLAG), programFlagLine(VERSION_FLAG)]),
    ".SH QUESTIONS",
    text("Each is answered by one command."),
    ...QUESTIONS.flatMap(({ question, line }) => [".TP", text(question), bold(line)]),
    ".SH COMMANDS",
    ...commands.flatMap(commandSection),
    ...commands.flatMap(detailSections),
    ".SH SELECTION",
    text("Which packets a command is about that reads recordings:"),
    ...items(SELECTION),
    ".SH PACKET FILES",
    text("Every command that reads recordings reads packet files of other programs too."),
    ...items(PACKET_FILES),
    ".SH FILTERS",
    text(
      "The words behind record, and the value of --filter, are an expression as in pcap-filter(7). It " +
        "works on the recorded columns.",
    ),
    ...items(FILTER_TERMS),
    ".PP",
    text("It differs from that of tcpdump:"),
    ...items(FILTER_DIFFERENCE_TERMS),
    ".PP",
    text(
      "record leaves out in the kernel what does not match, before it takes a place in a ring, and " +
        "counts it as packets_filtered. Of what matches, --sample keeps its share.",
    ),
    ".SH EXIT STATUS",
    ...items(EXIT_CODE_TERMS),
    ".SH SIGNALS",
    ...items(SIGNALS),
    ".SH ENVIRONMENT",
    ...items(ENVIRONMENT),
    ".SH WHAT IS COUNTED",
    text("A row is what the hook was given, which is not always a packet on the wire."),
    ...items(WHAT_IS_COUNTED),
    ".SH COLUMNS",
    text("A file has one row per packet. A packet without a field has NULL there."),
    ...items(COLUMN_TERMS),
    ".SH METADATA",
    text("Key/value metadata of a file:"),
    ...items(METADATA_TERMS),
    ".SH EVENTS",
    text("What can happen to an interface while it is recorded:"),
    ...items(INTERFACE_EVENT_TERMS),
    ".SH FINAL REPORT",
    text(
      "record --json prints one object. Always, exactly: packets_seen = packets_captured + " +
        "packets_dropped + packets_sampled_out + packets_filtered.",
    ),
    ...items(REPORT_KEY_TERMS),
    ".SH SEE ALSO",
    ".BR tcpdump (1),",
    ".BR pcap\\-filter (7),",
    ".BR bpftool\\-net (8),",
    ".BR ethtool (8)",
    "",
  ].join("\n");
}

function commandSection(command: CommandTexts): string[] {
  return [
    `.SS ${text(command.name)}`,
    ...command.description.flatMap((paragraph) => [".PP", text(paragraph)]),
    ...items(command.operands?.words ?? []),
    ...items(Object.values(command.flags).map((flag) => [flagNames(flag), flagText(flag)])),
    ".PP",
    command.examples.length === 1 ? "Example:" : "Examples:",
    ...command.examples.flatMap(({ line, help }) => [
      ".PP",
      ".in +4",
      ".nf",
      bold(line),
      ".fi",
      ".in",
      ".IP",
      text(help),
    ]),
  ];
}

/** What there is to say about the words behind a command, one part for each. */
function detailSections({ operands }: CommandTexts): string[] {
  const { title = "", details = [], words = [] } = operands ?? {};
  if (details.length === 0) return [];
  const meanings = new Map(words);
  return [
    `.SH ${text(title.toUpperCase())}`,
    ...details.flatMap(({ word, choices, paragraphs, terms = [] }) => [
      `.SS ${text(word)}`,
      text(`${meanings.get(word) ?? word}.`),
      ...paragraphs.flatMap((paragraph) => [".PP", text(paragraph)]),
      ...choices.flatMap((choice) => [".PP", text(choiceText(choice))]),
      ...items(terms),
    ]),
  ];
}

/** Paragraphs with a name each. */
function items(list: readonly (readonly [name: string, meaning: string])[]): string[] {
  return list.flatMap(([name, meaning]) => [".TP", bold(name), text(meaning)]);
}

function bold(line: string): string {
  return `\\fB${escaped(line)}\\fR`;
}

/** A line of text. One that begins with a dot or an apostrophe would be a request: groff(7). */
function text(line: string): string {
  return escaped(line).replace(/^[.']/, "\\&$&").replace(/`([^`]*)`/g, "\\fB$1\\fR");
}

/** A hyphen is a typographic one and an apostrophe a quotation mark, unless escaped: groff_char(7). */
function escaped(line: string): string {
  return line.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq");
}
