
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'ssespec' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'ssespec'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'ssespec' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Test a client, a server or a proxy; without more, the built-in client, as a demonstration')
            [CompletionResult]::new('mock', 'mock', [CompletionResultType]::ParameterValue, 'Run the mock server by itself: every scenario at /case/ID')
            [CompletionResult]::new('load', 'load', [CompletionResultType]::ParameterValue, 'Hold many streams at once, check every event on each, and measure from the schedule')
            [CompletionResult]::new('load-worker', 'load-worker', [CompletionResultType]::ParameterValue, 'A worker of `load`, which speaks over stdin and stdout')
            [CompletionResult]::new('load-server', 'load-server', [CompletionResultType]::ParameterValue, 'A built-in server of `load`, which speaks over stdin and stdout')
            [CompletionResult]::new('load-null-adapter', 'load-null-adapter', [CompletionResultType]::ParameterValue, 'An adapter for `load --client` that hardly does anything')
            [CompletionResult]::new('decode', 'decode', [CompletionResultType]::ParameterValue, 'Decode an event stream with the reference parser')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the cases')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say all about one case, or one rule')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check scenario files')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Turn results of runs that are over into other reports, merge them, compare them')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print shell completions')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ssespec;test' {
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave out cases that match; `@FILE` reads patterns')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which level a breach fails the run')
            [CompletionResult]::new('--known', '--known', [CompletionResultType]::ParameterName, 'Known failures: a TOML table per case id, each with a `reason`')
            [CompletionResult]::new('--write-known', '--write-known', [CompletionResultType]::ParameterName, 'Write the failures of this run as a known-failures file')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many cases run side by side')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many cases run side by side')
            [CompletionResult]::new('--time-scale', '--time-scale', [CompletionResultType]::ParameterName, 'What all waiting times are multiplied by, on slow machines')
            [CompletionResult]::new('--repeat', '--repeat', [CompletionResultType]::ParameterName, 'How often each case is run')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)')
            [CompletionResult]::new('--traces', '--traces', [CompletionResultType]::ParameterName, 'Write the timeline of each case that did not pass into this directory')
            [CompletionResult]::new('--scenarios', '--scenarios', [CompletionResultType]::ParameterName, 'Run the scenarios of this directory or file in place of the built-in ones')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What goes to stdout: nothing, as people read stderr, or the JSON result')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Test a client, or a decoder')
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Test a server by the URL of its stream')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'Test a proxy: the origin and the client are ours, and what happens at both is compared')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ssespec;test;client' {
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'A shell command that starts an adapter; it speaks the protocol over stdio')
            [CompletionResult]::new('--each', '--each', [CompletionResultType]::ParameterName, 'A shell command with `{url}` in it, started once a case; it prints events as JSON lines')
            [CompletionResult]::new('--browser', '--browser', [CompletionResultType]::ParameterName, 'A browser: `chromium`, `firefox`, `webkit`, or the path of one')
            [CompletionResult]::new('--service', '--service', [CompletionResultType]::ParameterName, 'The address of a test service that speaks LaunchDarkly''s contract for SSE clients')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'What an `--each` command can do, beside opening a URL (repeatable)')
            [CompletionResult]::new('--worker', '--worker', [CompletionResultType]::ParameterName, 'Open the streams of `--browser` in a worker of the page')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'Open the streams of `--browser` with this JavaScript module instead of EventSource')
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave out cases that match; `@FILE` reads patterns')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which level a breach fails the run')
            [CompletionResult]::new('--known', '--known', [CompletionResultType]::ParameterName, 'Known failures: a TOML table per case id, each with a `reason`')
            [CompletionResult]::new('--write-known', '--write-known', [CompletionResultType]::ParameterName, 'Write the failures of this run as a known-failures file')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many cases run side by side')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many cases run side by side')
            [CompletionResult]::new('--time-scale', '--time-scale', [CompletionResultType]::ParameterName, 'What all waiting times are multiplied by, on slow machines')
            [CompletionResult]::new('--repeat', '--repeat', [CompletionResultType]::ParameterName, 'How often each case is run')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)')
            [CompletionResult]::new('--traces', '--traces', [CompletionResultType]::ParameterName, 'Write the timeline of each case that did not pass into this directory')
            [CompletionResult]::new('--scenarios', '--scenarios', [CompletionResultType]::ParameterName, 'Run the scenarios of this directory or file in place of the built-in ones')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What goes to stdout: nothing, as people read stderr, or the JSON result')
            [CompletionResult]::new('--builtin', '--builtin', [CompletionResultType]::ParameterName, 'The reference client')
            [CompletionResult]::new('--stop-service-at-end', '--stop-service-at-end', [CompletionResultType]::ParameterName, 'Ask the `--service` to end when the run is over')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ssespec;test;server' {
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'A shell command that starts an adapter, which has a server library send what it is told')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'A request header, as `Name: value` (repeatable)')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A request header, as `Name: value` (repeatable)')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The request method [default: GET, or POST with `--body`]')
            [CompletionResult]::new('--body', '--body', [CompletionResultType]::ParameterName, 'The request body; `@FILE` reads it')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates in this file, in PEM, in place of the system''s')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long the stream is watched')
            [CompletionResult]::new('--min-events', '--min-events', [CompletionResultType]::ParameterName, 'Leave the stream after so many events; fewer are not enough to judge by')
            [CompletionResult]::new('--trigger', '--trigger', [CompletionResultType]::ParameterName, 'A request that makes the server emit, sent once a second: `POST URL`')
            [CompletionResult]::new('--gauge', '--gauge', [CompletionResultType]::ParameterName, 'Where the server shows how many streams are open: `URL`, `URL#METRIC` or `URL#/POINTER`')
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave out cases that match; `@FILE` reads patterns')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which level a breach fails the run')
            [CompletionResult]::new('--known', '--known', [CompletionResultType]::ParameterName, 'Known failures: a TOML table per case id, each with a `reason`')
            [CompletionResult]::new('--write-known', '--write-known', [CompletionResultType]::ParameterName, 'Write the failures of this run as a known-failures file')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many cases run side by side')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many cases run side by side')
            [CompletionResult]::new('--time-scale', '--time-scale', [CompletionResultType]::ParameterName, 'What all waiting times are multiplied by, on slow machines')
            [CompletionResult]::new('--repeat', '--repeat', [CompletionResultType]::ParameterName, 'How often each case is run')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)')
            [CompletionResult]::new('--traces', '--traces', [CompletionResultType]::ParameterName, 'Write the timeline of each case that did not pass into this directory')
            [CompletionResult]::new('--scenarios', '--scenarios', [CompletionResultType]::ParameterName, 'Run the scenarios of this directory or file in place of the built-in ones')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What goes to stdout: nothing, as people read stderr, or the JSON result')
            [CompletionResult]::new('--builtin', '--builtin', [CompletionResultType]::ParameterName, 'The reference server')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate')
            [CompletionResult]::new('--http1', '--http1', [CompletionResultType]::ParameterName, 'Use HTTP/1 only')
            [CompletionResult]::new('--http2', '--http2', [CompletionResultType]::ParameterName, 'Use HTTP/2, in cleartext by prior knowledge, for all that does not ask for HTTP/1.0')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ssespec;test;proxy' {
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'The URL of the proxy, where the client comes in')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'The address that the proxy forwards to; the origin listens there')
            [CompletionResult]::new('--start', '--start', [CompletionResultType]::ParameterName, 'A shell command that starts the proxy in the foreground, once the origin listens')
            [CompletionResult]::new('--idle', '--idle', [CompletionResultType]::ParameterName, 'For how long the streams are silent that the proxy is to keep')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the certificates in this file, in PEM, in place of the system''s')
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave out cases that match; `@FILE` reads patterns')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which level a breach fails the run')
            [CompletionResult]::new('--known', '--known', [CompletionResultType]::ParameterName, 'Known failures: a TOML table per case id, each with a `reason`')
            [CompletionResult]::new('--write-known', '--write-known', [CompletionResultType]::ParameterName, 'Write the failures of this run as a known-failures file')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many cases run side by side')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many cases run side by side')
            [CompletionResult]::new('--time-scale', '--time-scale', [CompletionResultType]::ParameterName, 'What all waiting times are multiplied by, on slow machines')
            [CompletionResult]::new('--repeat', '--repeat', [CompletionResultType]::ParameterName, 'How often each case is run')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)')
            [CompletionResult]::new('--traces', '--traces', [CompletionResultType]::ParameterName, 'Write the timeline of each case that did not pass into this directory')
            [CompletionResult]::new('--scenarios', '--scenarios', [CompletionResultType]::ParameterName, 'Run the scenarios of this directory or file in place of the built-in ones')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What goes to stdout: nothing, as people read stderr, or the JSON result')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ssespec;test;help' {
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Test a client, or a decoder')
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Test a server by the URL of its stream')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'Test a proxy: the origin and the client are ours, and what happens at both is compared')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ssespec;test;help;client' {
            break
        }
        'ssespec;test;help;server' {
            break
        }
        'ssespec;test;help;proxy' {
            break
        }
        'ssespec;test;help;help' {
            break
        }
        'ssespec;mock' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen; port 0 picks a free one')
            [CompletionResult]::new('--case', '--case', [CompletionResultType]::ParameterName, 'Serve only these cases (repeatable; globs)')
            [CompletionResult]::new('--scenarios', '--scenarios', [CompletionResultType]::ParameterName, 'Serve the scenarios of this directory or file in place of the built-in ones')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'How many threads serve what is under `/load/`')
            [CompletionResult]::new('--stall', '--stall', [CompletionResultType]::ParameterName, 'Serve nothing under `/load/` for a time, as `1s@10s`: how long, and how long after the start (repeatable)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;load' {
            [CompletionResult]::new('--builtin', '--builtin', [CompletionResultType]::ParameterName, 'The built-in server, in processes of its own; TARGET is `/load/stream`, `/load/broadcast` or `/load/llm`, with parameters such as `?rate=10&size=200`')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'Take options from a TOML file, or from a built-in workload by its name; those of the command line come before them')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Put a client under load in place of a server: the shell command of its adapter. The built-in server serves; `--builtin=TARGET` sets what')
            [CompletionResult]::new('--processes', '--processes', [CompletionResultType]::ParameterName, 'Adapter processes that share the streams [default: 1]')
            [CompletionResult]::new('--null-adapter', '--null-adapter', [CompletionResultType]::ParameterName, 'How long the adapter protocol is measured by itself after the run, with an adapter that hardly does anything; 0s for not at all')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'How many streams are held at once [default: 1000]; with a rate, how many may be open at most [default: as many as the rate and the lifetimes ask for]')
            [CompletionResult]::new('--streams', '--streams', [CompletionResultType]::ParameterName, 'How many streams are held at once [default: 1000]; with a rate, how many may be open at most [default: as many as the rate and the lifetimes ask for]')
            [CompletionResult]::new('--ramp', '--ramp', [CompletionResultType]::ParameterName, 'The time over which the streams are started, 0s for as fast as it goes [default: 10s]; with a rate, over which it is reached [default: 0s]')
            [CompletionResult]::new('--duration', '--duration', [CompletionResultType]::ParameterName, 'How long all of them are held after that, or arrive [default: 60s; with stages 0s]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Start so many streams a second, whether or not those before have come about: `100/s`')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'Go evenly to so many streams, as `1000@30s`, or to a rate of arrivals, as `100/s@30s` (repeatable)')
            [CompletionResult]::new('--arrivals', '--arrivals', [CompletionResultType]::ParameterName, 'The times between arrivals at a rate')
            [CompletionResult]::new('--lifetime', '--lifetime', [CompletionResultType]::ParameterName, 'How long each stream stays open: `10s`, `exp:10s` by its mean, `uniform:5s..15s`. Where streams are held, another takes its place')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'A request header, as `Name: value` (repeatable)')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A request header, as `Name: value` (repeatable)')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'The request method [default: GET, or POST with `--body`]')
            [CompletionResult]::new('--body', '--body', [CompletionResultType]::ParameterName, 'The request body; `@FILE` reads it')
            [CompletionResult]::new('--streams-per-connection', '--streams-per-connection', [CompletionResultType]::ParameterName, 'How many streams share a connection of HTTP/2; fewer where the server takes fewer')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust the CA certificates of this PEM file, where the URL is one with `https`')
            [CompletionResult]::new('--credentials', '--credentials', [CompletionResultType]::ParameterName, 'What `{credential}` stands for in URL, headers and body: one a line, one line a stream')
            [CompletionResult]::new('--publish', '--publish', [CompletionResultType]::ParameterName, 'Publish messages while the streams are held: `POST URL`, for the built-in server `POST /load/broadcast`; the streams then listen on `/load/broadcast?rate=0`')
            [CompletionResult]::new('--publish-rate', '--publish-rate', [CompletionResultType]::ParameterName, 'How many messages a second all publishers send')
            [CompletionResult]::new('--publishers', '--publishers', [CompletionResultType]::ParameterName, 'How many publishers take turns, each on a connection of its own')
            [CompletionResult]::new('--publish-header', '--publish-header', [CompletionResultType]::ParameterName, 'A header of each message, as `Name: value` (repeatable)')
            [CompletionResult]::new('--publish-body', '--publish-body', [CompletionResultType]::ParameterName, 'The message, with `{publisher}`, `{seq}`, `{now_ms}` and so on; `@FILE` reads it [default: JSON with these, whose time `e2e` is measured by]')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'The event that ends a stream with success: its data, as `[DONE]`, `event:NAME` for a type, or `/pointer` for JSON that has something there. Where streams are held, the next one is asked for')
            [CompletionResult]::new('--first-event', '--first-event', [CompletionResultType]::ParameterName, 'The events that are tokens, for `ttft` and `itl`, written as for `--until` [default: all but the last]')
            [CompletionResult]::new('--slo', '--slo', [CompletionResultType]::ParameterName, 'When a stream that came to its end is good: `ttft < 500ms and itl.p99 < 50ms`')
            [CompletionResult]::new('--timestamp', '--timestamp', [CompletionResultType]::ParameterName, 'Where JSON payloads say when they were sent, for `e2e`: `/meta/sent`, with `:s`, `:us` or `:ns` where it is not milliseconds since 1970; texts are read as RFC 3339')
            [CompletionResult]::new('--sequence', '--sequence', [CompletionResultType]::ParameterName, 'Where JSON payloads say their number, by which delivery is judged in place of the id')
            [CompletionResult]::new('--fail', '--fail', [CompletionResultType]::ParameterName, 'When the run has failed, such as `ttfe.p99 > 200ms` or `lost > 0` (repeatable) [default: errors, lost, duplicated, reordered, payload-faults or publish-errors > 0; with `--client` also violations > 0 and opened < 100%]')
            [CompletionResult]::new('--reconnect', '--reconnect', [CompletionResultType]::ParameterName, 'Streams that are lost come back after the reconnection time, with Last-Event-ID, as browsers do; RETRY where the server sets none')
            [CompletionResult]::new('--drop', '--drop', [CompletionResultType]::ParameterName, 'Drop streams all at once: `20%@30s` for one in five after half a minute, or `20%@30s~5s` spread by chance over the next five seconds (repeatable)')
            [CompletionResult]::new('--slow', '--slow', [CompletionResultType]::ParameterName, 'Read a share of the streams slowly: `10%:1000B/s`, `10%:pause=5s` or `10%:never`. They are in no latency')
            [CompletionResult]::new('--receive-buffer', '--receive-buffer', [CompletionResultType]::ParameterName, 'The receive buffer of each socket, of which the system has a least size; with HTTP/2 the window of each stream')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a stream may take to connect, and to answer')
            [CompletionResult]::new('--ids', '--ids', [CompletionResultType]::ParameterName, 'What ids say')
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'An address of this machine to connect from (repeatable) [default: the system''s choice; for servers on 127.0.0.0/8 as many as it takes]')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'Worker processes [default: as many as descriptors and processors ask for]')
            [CompletionResult]::new('--loop-lag-limit', '--loop-lag-limit', [CompletionResultType]::ParameterName, 'How late the generator may be, by its 99th percentile, before the result is not to be trusted')
            [CompletionResult]::new('--stall', '--stall', [CompletionResultType]::ParameterName, 'Let the built-in server stand still: `1s@10s` for one second after ten (repeatable)')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: `html=PATH`, `json=PATH`, `csv=PATH`, `markdown=PATH`, `hlog=PATH`, or `hgrm=DIR` with a file a metric (repeatable)')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Serve how the run is going in the text format of Prometheus, at the path /metrics of this address, such as 127.0.0.1:9464; port 0 for a free one')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What goes to stdout: nothing, as people read stderr, or the JSON result')
            [CompletionResult]::new('--http2', '--http2', [CompletionResultType]::ParameterName, 'Speak HTTP/2, with many streams on a connection: agreed upon by ALPN where the URL is one with `https`, else with prior knowledge (h2c)')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate')
            [CompletionResult]::new('--tls-resume', '--tls-resume', [CompletionResultType]::ParameterName, 'Resume TLS sessions, as one user does who comes again and again; without it each connection makes a full handshake')
            [CompletionResult]::new('--no-live', '--no-live', [CompletionResultType]::ParameterName, 'Lines of progress in place of the live view, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'ssespec;load-worker' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;load-server' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;load-null-adapter' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;decode' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print: readable text, or one JSON object a line')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Also say what a server should not have sent, with the rule and the offset of the byte')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;list' {
            [CompletionResult]::new('--scenarios', '--scenarios', [CompletionResultType]::ParameterName, 'The scenarios of this directory or file in place of the built-in ones')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'List the rules in place of the cases')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;explain' {
            [CompletionResult]::new('--scenarios', '--scenarios', [CompletionResultType]::ParameterName, 'The scenarios of this directory or file in place of the built-in ones')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;lint' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;report' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Write a JSON result, or a JSON matrix, as other kinds of report')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Make one matrix of many results: implementations × cases; or compare load runs')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say what changed from one result to another; exit with 1 where something regressed')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ssespec;report;render' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: `html=PATH`, `markdown=PATH`, `junit=PATH`, `badge=PATH` or `json=PATH` (repeatable)')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which level a breach is a failure, where the kind of report has such')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;report;merge' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write the matrix: `html=PATH`, `markdown=PATH` or `json=PATH`; of load runs there is no JSON (repeatable)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;report;diff' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Also write what changed: `markdown=PATH` (repeatable)')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'From which level a new breach is a regression')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;report;help' {
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Write a JSON result, or a JSON matrix, as other kinds of report')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Make one matrix of many results: implementations × cases; or compare load runs')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say what changed from one result to another; exit with 1 where something regressed')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ssespec;report;help;render' {
            break
        }
        'ssespec;report;help;merge' {
            break
        }
        'ssespec;report;help;diff' {
            break
        }
        'ssespec;report;help;help' {
            break
        }
        'ssespec;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'ssespec;help' {
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Test a client, a server or a proxy; without more, the built-in client, as a demonstration')
            [CompletionResult]::new('mock', 'mock', [CompletionResultType]::ParameterValue, 'Run the mock server by itself: every scenario at /case/ID')
            [CompletionResult]::new('load', 'load', [CompletionResultType]::ParameterValue, 'Hold many streams at once, check every event on each, and measure from the schedule')
            [CompletionResult]::new('load-worker', 'load-worker', [CompletionResultType]::ParameterValue, 'A worker of `load`, which speaks over stdin and stdout')
            [CompletionResult]::new('load-server', 'load-server', [CompletionResultType]::ParameterValue, 'A built-in server of `load`, which speaks over stdin and stdout')
            [CompletionResult]::new('load-null-adapter', 'load-null-adapter', [CompletionResultType]::ParameterValue, 'An adapter for `load --client` that hardly does anything')
            [CompletionResult]::new('decode', 'decode', [CompletionResultType]::ParameterValue, 'Decode an event stream with the reference parser')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the cases')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say all about one case, or one rule')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check scenario files')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Turn results of runs that are over into other reports, merge them, compare them')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print shell completions')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ssespec;help;test' {
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Test a client, or a decoder')
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Test a server by the URL of its stream')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'Test a proxy: the origin and the client are ours, and what happens at both is compared')
            break
        }
        'ssespec;help;test;client' {
            break
        }
        'ssespec;help;test;server' {
            break
        }
        'ssespec;help;test;proxy' {
            break
        }
        'ssespec;help;mock' {
            break
        }
        'ssespec;help;load' {
            break
        }
        'ssespec;help;load-worker' {
            break
        }
        'ssespec;help;load-server' {
            break
        }
        'ssespec;help;load-null-adapter' {
            break
        }
        'ssespec;help;decode' {
            break
        }
        'ssespec;help;list' {
            break
        }
        'ssespec;help;explain' {
            break
        }
        'ssespec;help;lint' {
            break
        }
        'ssespec;help;report' {
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Write a JSON result, or a JSON matrix, as other kinds of report')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Make one matrix of many results: implementations × cases; or compare load runs')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Say what changed from one result to another; exit with 1 where something regressed')
            break
        }
        'ssespec;help;report;render' {
            break
        }
        'ssespec;help;report;merge' {
            break
        }
        'ssespec;help;report;diff' {
            break
        }
        'ssespec;help;completions' {
            break
        }
        'ssespec;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
