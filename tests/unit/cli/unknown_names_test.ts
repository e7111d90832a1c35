import { refuses } from "./parsing.ts";

Deno.test("readCommandLine() offers near names for an unknown command", () => {
  refuses(["recrod"], 'Unknown command "recrod"', 'Did you mean "record"?');
  refuses(["help", "stat"], 'Unknown command "stat"', 'Did you mean "stats"?');
});

Deno.test("readCommandLine() lists the commands if no name is near", () => {
  refuses(
    ["frobnicate"],
    'Unknown command "frobnicate"',
    "Commands: record, live, stats, report, sql, diff, convert, schema, recover, check, completion, man, help",
  );
});

Deno.test("readCommandLine() offers near names for an unknown flag", () => {
  const message = 'Unknown flag "--duratoin" for "record"';
  refuses(["record", "--duratoin", "5s"], message, 'Did you mean "--duration"?');
  refuses(["record", "--duratoin=5s"], message, 'Did you mean "--duration"?');
  refuses(["--verison"], 'Unknown flag "--verison"', 'Did you mean "--version"?');
});

Deno.test("readCommandLine() points to the help if no flag is near", () => {
  refuses(["record", "-x"], 'Unknown flag "-x" for "record"', 'See "xdp-inspector record --help"');
  refuses(["record", "-qx"], 'Unknown flag "-x" for "record"', 'See "xdp-inspector record --help"');
  refuses(["--bogus", "record"], 'Unknown flag "--bogus"', 'See "xdp-inspector --help"');
});

Deno.test("readCommandLine() names the command that a flag belongs to", () => {
  const isOfRecord = '"--mode" is a flag of "xdp-inspector record" and "xdp-inspector live"';
  refuses(["--mode", "tc"], 'Unknown flag "--mode"', isOfRecord);
  refuses(["stats", "--mode", "tc"], 'Unknown flag "--mode" for "stats"', isOfRecord);
  refuses(
    ["-v"],
    'Unknown flag "-v"',
    '"-v" is a flag of "xdp-inspector record", "xdp-inspector live", "xdp-inspector stats", "xdp-inspector report", "xdp-inspector sql", "xdp-inspector diff", "xdp-inspector convert", "xdp-inspector recover" and "xdp-inspector check"',
  );
  refuses(
    ["record", "--version"],
    'Unknown flag "--version" for "record"',
    'Run "xdp-inspector --version"',
  );
});

Deno.test("readCommandLine() says that a flag needs a value", () => {
  const hint = 'Write "--duration <time>"';
  refuses(["record", "-d"], 'Flag "--duration" needs a value', hint);
  refuses(["record", "--write"], 'Flag "--write" needs a value', 'Write "--write <path>"');
  refuses(["record", "-d", "-q"], 'Flag "--duration" needs a value, not the flag "-q"', hint);
});

Deno.test("readCommandLine() says that a switch takes no value", () => {
  refuses(["record", "--quiet=yes"], 'Flag "--quiet" takes no value', 'Write "--quiet" alone');
});

Deno.test("help refuses more than one command", () => {
  const message = 'Cannot use "stats": "help" takes one command';
  refuses(["help", "record", "stats"], message, 'Run "xdp-inspector help record"');
});
