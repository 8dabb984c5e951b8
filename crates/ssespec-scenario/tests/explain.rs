//! How `explain` puts cases into words.

use ssespec_scenario::{Catalogue, SourceFile, explain};

const RULES: &str = r#"
[[rule]]
id = "line.crlf-split"
level = "must"
text = "A CR at the end of one read and an LF at the start of the next are one line ending."
fragment = "event-stream-interpretation"

[[rule]]
id = "reconnect.last-event-id"
level = "must"
levels = { decoder = "info" }
text = """The reconnecting request carries `Last-Event-ID`, the committed id as raw UTF-8; if it is
empty the header is absent, also where an earlier reconnection sent one."""
fragment = "sse-processing-model"

[[rule]]
id = "open.point"
level = "info"
text = "What a client does here is recorded."
link = "https://github.com/whatwg/html/issues/7363"
"#;

fn explained(case: &str) -> String {
    let source =
        SourceFile { name: "explain.toml".to_owned(), text: format!("{RULES}\n[[case]]\n{case}") };
    let catalogue = Catalogue::from_sources(&[source])
        .unwrap_or_else(|failure| panic!("{}", failure.render(false)));
    let case = &catalogue.cases()[0];
    explain(case, catalogue.rule(&case.rule).expect("its rule"))
}

fn assert_golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("explain");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn a_stream() {
    let case = r#"
id = "line/crlf-split-across-chunks"
aliases = ["line/crlf-in-two-reads"]
rule = "line.crlf-split"
title = "CR at the end of one chunk and LF at the start of the next end one line"
note = "A decoder that looks for line endings in each read by itself sees two line endings here, and so it dispatches the event before its second line has come."
evidence = ["rexxars/eventsource-parser#17"]
covers = ["wpt:B-1", "ld:57"]
kills = ["crlf-as-two-endings-across-reads"]
needs = ["event-types"]
stream = [
  'event: a\ndata: A\r',
  '\ndata: B\xff\r\n\r\n',
  ['data: ', { repeat = { bytes = 'x', times = 1000 } }, { generate = { seed = 7, bytes = 300 } }, '\n\n'],
  [{ count = { prefix = 'data: ', suffix = '\n\n', times = 20 } }],
]
prompt = true
expect = [
  { event = { type = "a", data = 'A\nB\u{fffd}' } },
  { event = { data = [{ repeat = { bytes = 'x', times = 1000 } }, { generate = { seed = 7, bytes = 300 } }] } },
]
"#;
    assert_golden("a-stream", &explained(case));
}

#[test]
fn connections() {
    let case = r#"
id = "reconnect/last-event-id-after-reset"
rule = "reconnect.last-event-id"
title = "the id of the last event goes with the request that follows a reset"
needs = ["reconnect"]
kills = ["no-last-event-id"]
open = { method = "POST", headers = { x-token = 'a b' }, body = '{"q":1}', reconnect-ms = 50 }
connection = [
  { request = { method = "POST", without = ["last-event-id"] }, respond = { header = { x-a = 'b' } }, steps = [
    { send = 'retry: 50\nid: 7\ndata: a\n\n' },
    { await = { events = 1, retries = 2 } },
    { reset = {} },
  ] },
  { before = [{ pause = "1.5s" }, { truncate = {} }] },
  { request = { header = { last-event-id = "7" }, contains = { accept = 'text/event-stream' }, body = '{"q":1}', not-before = "50ms" }, respond = { framing = "length", content-length = 500, version = "1.0", content-type = "" }, steps = [{ send = 'data: b\n\n' }, { truncate = {} }] },
  { respond = { raw = 'HTTP/1.1 200\r\n\r\n' }, steps = [{ raw = 'data: c\n\n' }, { client = { close = {} } }, { hold = {} }] },
]
expect = [
  { opened = {} },
  { event = { data = "a", id = "7" } },
  { error = { fatal = false } },
  { error = {} },
  { event = { data = "b", id = "7" } },
  { closed = {} },
]
"#;
    assert_golden("connections", &explained(case));
}

#[test]
fn outcomes() {
    let case = r#"
id = "id/with-control-bytes"
rule = "open.point"
title = "an id with control bytes is sent back in one of three ways"
needs = ["reconnect"]
stream = ['id: a\x01\ndata: a\n\n']
splits = "every"
finish = "end"
outcomes = [
  { name = "sent as it is", expect = [{ event = { data = 'a', id = 'a\x01' } }], last-header = { last-event-id = 'a\x01' } },
  { name = "left out", expect = [{ event = { data = 'a', id = 'a\x01' } }], last-without = ["last-event-id"] },
  { name = "nothing more" },
]
"#;
    assert_golden("outcomes", &explained(case));
}
