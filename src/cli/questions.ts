/**
 * What people ask of a recording, and the one command that answers it: the part of the manual page that is
 * read first.
 *
 * @module
 */

/** A question and the arguments of the program that answer it, as a shell takes them. */
export interface Question {
  readonly question: string;
  readonly line: string;
}

/** In the order in which an engineer asks. `traffic.parquet` is what a command reads unless told otherwise. */
export const QUESTIONS: readonly Question[] = [
  { question: "Who uses the link?", line: "xdp-inspector stats hosts" },
  { question: "Who talks with whom?", line: "xdp-inspector stats conversations" },
  { question: "What is wrong with it?", line: "xdp-inspector report -o page.html" },
  {
    question: "Who uses the bandwidth, over time?",
    line: "xdp-inspector stats timeline --by source",
  },
  {
    question: "What happened between two times?",
    line: "xdp-inspector stats --from 13:54:00 --to 13:54:02",
  },
  {
    question: "Which hosts did this one talk to?",
    line: 'xdp-inspector stats conversations --filter "host 10.0.0.2"',
  },
  {
    question: "Which connections are slow to open?",
    line: "xdp-inspector stats connections --slow 100ms",
  },
  { question: "Who retransmits?", line: "xdp-inspector stats tcp" },
  {
    question: "Which connections are refused, or not answered?",
    line: "xdp-inspector stats connections --state failed",
  },
  { question: "Who scans us?", line: "xdp-inspector stats scans" },
  { question: "Which services are used?", line: "xdp-inspector stats ports" },
  { question: "How large are the packets, mean and 99 %?", line: "xdp-inspector stats sizes" },
  {
    question: "What has changed since yesterday?",
    line: "xdp-inspector diff yesterday.parquet traffic.parquet",
  },
  { question: "How much was lost, and where?", line: "xdp-inspector stats loss" },
  {
    question: "Which networks send and receive most?",
    line: "xdp-inspector stats top --by subnet/24",
  },
  { question: "Only DNS?", line: 'xdp-inspector stats flows --filter "port 53"' },
  { question: "How much in each second?", line: "xdp-inspector stats timeline --every 1s" },
  {
    question: "A file for a colleague?",
    line: 'xdp-inspector convert --filter "host 10.0.0.2" -o part.parquet',
  },
  {
    question: "All flows for Polars, pandas or a spreadsheet?",
    line: "xdp-inspector stats flows -n 0 -o flows.csv",
  },
  {
    question: "Which interface, and which direction?",
    line: "xdp-inspector stats interfaces",
  },
];
