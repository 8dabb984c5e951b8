
use builtin;
use str;

set edit:completion:arg-completer[ssespec] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'ssespec'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'ssespec'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand test 'Test a client, a server or a proxy; without more, the built-in client, as a demonstration'
            cand mock 'Run the mock server by itself: every scenario at /case/ID'
            cand load 'Hold many streams at once, check every event on each, and measure from the schedule'
            cand load-worker 'A worker of `load`, which speaks over stdin and stdout'
            cand load-server 'A built-in server of `load`, which speaks over stdin and stdout'
            cand load-null-adapter 'An adapter for `load --client` that hardly does anything'
            cand decode 'Decode an event stream with the reference parser'
            cand list 'List the cases'
            cand explain 'Say all about one case, or one rule'
            cand lint 'Check scenario files'
            cand report 'Turn results of runs that are over into other reports, merge them, compare them'
            cand completions 'Print shell completions'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ssespec;test'= {
            cand --run 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns'
            cand --skip 'Leave out cases that match; `@FILE` reads patterns'
            cand --profile 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]'
            cand --fail-on 'From which level a breach fails the run'
            cand --known 'Known failures: a TOML table per case id, each with a `reason`'
            cand --write-known 'Write the failures of this run as a known-failures file'
            cand -j 'How many cases run side by side'
            cand --jobs 'How many cases run side by side'
            cand --time-scale 'What all waiting times are multiplied by, on slow machines'
            cand --repeat 'How often each case is run'
            cand --report 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)'
            cand --traces 'Write the timeline of each case that did not pass into this directory'
            cand --scenarios 'Run the scenarios of this directory or file in place of the built-in ones'
            cand --format 'What goes to stdout: nothing, as people read stderr, or the JSON result'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand client 'Test a client, or a decoder'
            cand server 'Test a server by the URL of its stream'
            cand proxy 'Test a proxy: the origin and the client are ours, and what happens at both is compared'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ssespec;test;client'= {
            cand --exec 'A shell command that starts an adapter; it speaks the protocol over stdio'
            cand --each 'A shell command with `{url}` in it, started once a case; it prints events as JSON lines'
            cand --browser 'A browser: `chromium`, `firefox`, `webkit`, or the path of one'
            cand --service 'The address of a test service that speaks LaunchDarkly''s contract for SSE clients'
            cand --feature 'What an `--each` command can do, beside opening a URL (repeatable)'
            cand --worker 'Open the streams of `--browser` in a worker of the page'
            cand --module 'Open the streams of `--browser` with this JavaScript module instead of EventSource'
            cand --run 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns'
            cand --skip 'Leave out cases that match; `@FILE` reads patterns'
            cand --profile 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]'
            cand --fail-on 'From which level a breach fails the run'
            cand --known 'Known failures: a TOML table per case id, each with a `reason`'
            cand --write-known 'Write the failures of this run as a known-failures file'
            cand -j 'How many cases run side by side'
            cand --jobs 'How many cases run side by side'
            cand --time-scale 'What all waiting times are multiplied by, on slow machines'
            cand --repeat 'How often each case is run'
            cand --report 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)'
            cand --traces 'Write the timeline of each case that did not pass into this directory'
            cand --scenarios 'Run the scenarios of this directory or file in place of the built-in ones'
            cand --format 'What goes to stdout: nothing, as people read stderr, or the JSON result'
            cand --builtin 'The reference client'
            cand --stop-service-at-end 'Ask the `--service` to end when the run is over'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ssespec;test;server'= {
            cand --exec 'A shell command that starts an adapter, which has a server library send what it is told'
            cand -H 'A request header, as `Name: value` (repeatable)'
            cand --header 'A request header, as `Name: value` (repeatable)'
            cand --method 'The request method [default: GET, or POST with `--body`]'
            cand --body 'The request body; `@FILE` reads it'
            cand --cacert 'Trust the certificates in this file, in PEM, in place of the system''s'
            cand --for 'How long the stream is watched'
            cand --min-events 'Leave the stream after so many events; fewer are not enough to judge by'
            cand --trigger 'A request that makes the server emit, sent once a second: `POST URL`'
            cand --gauge 'Where the server shows how many streams are open: `URL`, `URL#METRIC` or `URL#/POINTER`'
            cand --run 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns'
            cand --skip 'Leave out cases that match; `@FILE` reads patterns'
            cand --profile 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]'
            cand --fail-on 'From which level a breach fails the run'
            cand --known 'Known failures: a TOML table per case id, each with a `reason`'
            cand --write-known 'Write the failures of this run as a known-failures file'
            cand -j 'How many cases run side by side'
            cand --jobs 'How many cases run side by side'
            cand --time-scale 'What all waiting times are multiplied by, on slow machines'
            cand --repeat 'How often each case is run'
            cand --report 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)'
            cand --traces 'Write the timeline of each case that did not pass into this directory'
            cand --scenarios 'Run the scenarios of this directory or file in place of the built-in ones'
            cand --format 'What goes to stdout: nothing, as people read stderr, or the JSON result'
            cand --builtin 'The reference server'
            cand --insecure 'Accept any certificate'
            cand --http1 'Use HTTP/1 only'
            cand --http2 'Use HTTP/2, in cleartext by prior knowledge, for all that does not ask for HTTP/1.0'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ssespec;test;proxy'= {
            cand --via 'The URL of the proxy, where the client comes in'
            cand --origin 'The address that the proxy forwards to; the origin listens there'
            cand --start 'A shell command that starts the proxy in the foreground, once the origin listens'
            cand --idle 'For how long the streams are silent that the proxy is to keep'
            cand --cacert 'Trust the certificates in this file, in PEM, in place of the system''s'
            cand --run 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns'
            cand --skip 'Leave out cases that match; `@FILE` reads patterns'
            cand --profile 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]'
            cand --fail-on 'From which level a breach fails the run'
            cand --known 'Known failures: a TOML table per case id, each with a `reason`'
            cand --write-known 'Write the failures of this run as a known-failures file'
            cand -j 'How many cases run side by side'
            cand --jobs 'How many cases run side by side'
            cand --time-scale 'What all waiting times are multiplied by, on slow machines'
            cand --repeat 'How often each case is run'
            cand --report 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)'
            cand --traces 'Write the timeline of each case that did not pass into this directory'
            cand --scenarios 'Run the scenarios of this directory or file in place of the built-in ones'
            cand --format 'What goes to stdout: nothing, as people read stderr, or the JSON result'
            cand --insecure 'Accept any certificate'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ssespec;test;help'= {
            cand client 'Test a client, or a decoder'
            cand server 'Test a server by the URL of its stream'
            cand proxy 'Test a proxy: the origin and the client are ours, and what happens at both is compared'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ssespec;test;help;client'= {
        }
        &'ssespec;test;help;server'= {
        }
        &'ssespec;test;help;proxy'= {
        }
        &'ssespec;test;help;help'= {
        }
        &'ssespec;mock'= {
            cand --listen 'Where to listen; port 0 picks a free one'
            cand --case 'Serve only these cases (repeatable; globs)'
            cand --scenarios 'Serve the scenarios of this directory or file in place of the built-in ones'
            cand --workers 'How many threads serve what is under `/load/`'
            cand --stall 'Serve nothing under `/load/` for a time, as `1s@10s`: how long, and how long after the start (repeatable)'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;load'= {
            cand --builtin 'The built-in server, in processes of its own; TARGET is `/load/stream`, `/load/broadcast` or `/load/llm`, with parameters such as `?rate=10&size=200`'
            cand --workload 'Take options from a TOML file, or from a built-in workload by its name; those of the command line come before them'
            cand --client 'Put a client under load in place of a server: the shell command of its adapter. The built-in server serves; `--builtin=TARGET` sets what'
            cand --processes 'Adapter processes that share the streams [default: 1]'
            cand --null-adapter 'How long the adapter protocol is measured by itself after the run, with an adapter that hardly does anything; 0s for not at all'
            cand -c 'How many streams are held at once [default: 1000]; with a rate, how many may be open at most [default: as many as the rate and the lifetimes ask for]'
            cand --streams 'How many streams are held at once [default: 1000]; with a rate, how many may be open at most [default: as many as the rate and the lifetimes ask for]'
            cand --ramp 'The time over which the streams are started, 0s for as fast as it goes [default: 10s]; with a rate, over which it is reached [default: 0s]'
            cand --duration 'How long all of them are held after that, or arrive [default: 60s; with stages 0s]'
            cand --rate 'Start so many streams a second, whether or not those before have come about: `100/s`'
            cand --stage 'Go evenly to so many streams, as `1000@30s`, or to a rate of arrivals, as `100/s@30s` (repeatable)'
            cand --arrivals 'The times between arrivals at a rate'
            cand --lifetime 'How long each stream stays open: `10s`, `exp:10s` by its mean, `uniform:5s..15s`. Where streams are held, another takes its place'
            cand -H 'A request header, as `Name: value` (repeatable)'
            cand --header 'A request header, as `Name: value` (repeatable)'
            cand --method 'The request method [default: GET, or POST with `--body`]'
            cand --body 'The request body; `@FILE` reads it'
            cand --streams-per-connection 'How many streams share a connection of HTTP/2; fewer where the server takes fewer'
            cand --cacert 'Trust the CA certificates of this PEM file, where the URL is one with `https`'
            cand --credentials 'What `{credential}` stands for in URL, headers and body: one a line, one line a stream'
            cand --publish 'Publish messages while the streams are held: `POST URL`, for the built-in server `POST /load/broadcast`; the streams then listen on `/load/broadcast?rate=0`'
            cand --publish-rate 'How many messages a second all publishers send'
            cand --publishers 'How many publishers take turns, each on a connection of its own'
            cand --publish-header 'A header of each message, as `Name: value` (repeatable)'
            cand --publish-body 'The message, with `{publisher}`, `{seq}`, `{now_ms}` and so on; `@FILE` reads it [default: JSON with these, whose time `e2e` is measured by]'
            cand --until 'The event that ends a stream with success: its data, as `[DONE]`, `event:NAME` for a type, or `/pointer` for JSON that has something there. Where streams are held, the next one is asked for'
            cand --first-event 'The events that are tokens, for `ttft` and `itl`, written as for `--until` [default: all but the last]'
            cand --slo 'When a stream that came to its end is good: `ttft < 500ms and itl.p99 < 50ms`'
            cand --timestamp 'Where JSON payloads say when they were sent, for `e2e`: `/meta/sent`, with `:s`, `:us` or `:ns` where it is not milliseconds since 1970; texts are read as RFC 3339'
            cand --sequence 'Where JSON payloads say their number, by which delivery is judged in place of the id'
            cand --fail 'When the run has failed, such as `ttfe.p99 > 200ms` or `lost > 0` (repeatable) [default: errors, lost, duplicated, reordered, payload-faults or publish-errors > 0; with `--client` also violations > 0 and opened < 100%]'
            cand --reconnect 'Streams that are lost come back after the reconnection time, with Last-Event-ID, as browsers do; RETRY where the server sets none'
            cand --drop 'Drop streams all at once: `20%@30s` for one in five after half a minute, or `20%@30s~5s` spread by chance over the next five seconds (repeatable)'
            cand --slow 'Read a share of the streams slowly: `10%:1000B/s`, `10%:pause=5s` or `10%:never`. They are in no latency'
            cand --receive-buffer 'The receive buffer of each socket, of which the system has a least size; with HTTP/2 the window of each stream'
            cand --timeout 'How long a stream may take to connect, and to answer'
            cand --ids 'What ids say'
            cand --source 'An address of this machine to connect from (repeatable) [default: the system''s choice; for servers on 127.0.0.0/8 as many as it takes]'
            cand --workers 'Worker processes [default: as many as descriptors and processors ask for]'
            cand --loop-lag-limit 'How late the generator may be, by its 99th percentile, before the result is not to be trusted'
            cand --stall 'Let the built-in server stand still: `1s@10s` for one second after ten (repeatable)'
            cand --report 'Write a report: `html=PATH`, `json=PATH`, `csv=PATH`, `markdown=PATH`, `hlog=PATH`, or `hgrm=DIR` with a file a metric (repeatable)'
            cand --metrics 'Serve how the run is going in the text format of Prometheus, at the path /metrics of this address, such as 127.0.0.1:9464; port 0 for a free one'
            cand --format 'What goes to stdout: nothing, as people read stderr, or the JSON result'
            cand --http2 'Speak HTTP/2, with many streams on a connection: agreed upon by ALPN where the URL is one with `https`, else with prior knowledge (h2c)'
            cand --insecure 'Accept any certificate'
            cand --tls-resume 'Resume TLS sessions, as one user does who comes again and again; without it each connection makes a full handshake'
            cand --no-live 'Lines of progress in place of the live view, also on a terminal'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'ssespec;load-worker'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;load-server'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;load-null-adapter'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;decode'= {
            cand --format 'How to print: readable text, or one JSON object a line'
            cand --explain 'Also say what a server should not have sent, with the rule and the offset of the byte'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;list'= {
            cand --scenarios 'The scenarios of this directory or file in place of the built-in ones'
            cand --format 'How to print'
            cand --rules 'List the rules in place of the cases'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;explain'= {
            cand --scenarios 'The scenarios of this directory or file in place of the built-in ones'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;lint'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;report'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand render 'Write a JSON result, or a JSON matrix, as other kinds of report'
            cand merge 'Make one matrix of many results: implementations × cases; or compare load runs'
            cand diff 'Say what changed from one result to another; exit with 1 where something regressed'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ssespec;report;render'= {
            cand --report 'Write a report: `html=PATH`, `markdown=PATH`, `junit=PATH`, `badge=PATH` or `json=PATH` (repeatable)'
            cand --fail-on 'From which level a breach is a failure, where the kind of report has such'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;report;merge'= {
            cand --report 'Write the matrix: `html=PATH`, `markdown=PATH` or `json=PATH`; of load runs there is no JSON (repeatable)'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;report;diff'= {
            cand --report 'Also write what changed: `markdown=PATH` (repeatable)'
            cand --fail-on 'From which level a new breach is a regression'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;report;help'= {
            cand render 'Write a JSON result, or a JSON matrix, as other kinds of report'
            cand merge 'Make one matrix of many results: implementations × cases; or compare load runs'
            cand diff 'Say what changed from one result to another; exit with 1 where something regressed'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ssespec;report;help;render'= {
        }
        &'ssespec;report;help;merge'= {
        }
        &'ssespec;report;help;diff'= {
        }
        &'ssespec;report;help;help'= {
        }
        &'ssespec;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'ssespec;help'= {
            cand test 'Test a client, a server or a proxy; without more, the built-in client, as a demonstration'
            cand mock 'Run the mock server by itself: every scenario at /case/ID'
            cand load 'Hold many streams at once, check every event on each, and measure from the schedule'
            cand load-worker 'A worker of `load`, which speaks over stdin and stdout'
            cand load-server 'A built-in server of `load`, which speaks over stdin and stdout'
            cand load-null-adapter 'An adapter for `load --client` that hardly does anything'
            cand decode 'Decode an event stream with the reference parser'
            cand list 'List the cases'
            cand explain 'Say all about one case, or one rule'
            cand lint 'Check scenario files'
            cand report 'Turn results of runs that are over into other reports, merge them, compare them'
            cand completions 'Print shell completions'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ssespec;help;test'= {
            cand client 'Test a client, or a decoder'
            cand server 'Test a server by the URL of its stream'
            cand proxy 'Test a proxy: the origin and the client are ours, and what happens at both is compared'
        }
        &'ssespec;help;test;client'= {
        }
        &'ssespec;help;test;server'= {
        }
        &'ssespec;help;test;proxy'= {
        }
        &'ssespec;help;mock'= {
        }
        &'ssespec;help;load'= {
        }
        &'ssespec;help;load-worker'= {
        }
        &'ssespec;help;load-server'= {
        }
        &'ssespec;help;load-null-adapter'= {
        }
        &'ssespec;help;decode'= {
        }
        &'ssespec;help;list'= {
        }
        &'ssespec;help;explain'= {
        }
        &'ssespec;help;lint'= {
        }
        &'ssespec;help;report'= {
            cand render 'Write a JSON result, or a JSON matrix, as other kinds of report'
            cand merge 'Make one matrix of many results: implementations × cases; or compare load runs'
            cand diff 'Say what changed from one result to another; exit with 1 where something regressed'
        }
        &'ssespec;help;report;render'= {
        }
        &'ssespec;help;report;merge'= {
        }
        &'ssespec;help;report;diff'= {
        }
        &'ssespec;help;completions'= {
        }
        &'ssespec;help;help'= {
        }
    ]
    $completions[$command]
}
