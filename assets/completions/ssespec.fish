# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ssespec_global_optspecs
    string join \n h/help V/version
end

function __fish_ssespec_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ssespec_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ssespec_using_subcommand
    set -l cmd (__fish_ssespec_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ssespec -n "__fish_ssespec_needs_command" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_needs_command" -s V -l version -d 'Print version'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "test" -d 'Test a client, a server or a proxy; without more, the built-in client, as a demonstration'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "mock" -d 'Run the mock server by itself: every scenario at /case/ID'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "load" -d 'Hold many streams at once, check every event on each, and measure from the schedule'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "load-worker" -d 'A worker of `load`, which speaks over stdin and stdout'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "load-server" -d 'A built-in server of `load`, which speaks over stdin and stdout'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "load-null-adapter" -d 'An adapter for `load --client` that hardly does anything'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "decode" -d 'Decode an event stream with the reference parser'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "list" -d 'List the cases'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "explain" -d 'Say all about one case, or one rule'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "lint" -d 'Check scenario files'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "report" -d 'Turn results of runs that are over into other reports, merge them, compare them'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "completions" -d 'Print shell completions'
complete -c ssespec -n "__fish_ssespec_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l run -d 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l skip -d 'Leave out cases that match; `@FILE` reads patterns' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l profile -d 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]' -r -f -a "eventsource\t'The letter of the standard'
resilient\t'Clients that by design reconnect where the standard says to fail'
decoder\t'Without HTTP, or without reconnection'"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l fail-on -d 'From which level a breach fails the run' -r -f -a "must\t''
should\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l known -d 'Known failures: a TOML table per case id, each with a `reason`' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l write-known -d 'Write the failures of this run as a known-failures file' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -s j -l jobs -d 'How many cases run side by side' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l time-scale -d 'What all waiting times are multiplied by, on slow machines' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l repeat -d 'How often each case is run' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l report -d 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l traces -d 'Write the timeline of each case that did not pass into this directory' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l scenarios -d 'Run the scenarios of this directory or file in place of the built-in ones' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -l format -d 'What goes to stdout: nothing, as people read stderr, or the JSON result' -r -f -a "human\t''
json\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -f -a "client" -d 'Test a client, or a decoder'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -f -a "server" -d 'Test a server by the URL of its stream'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -f -a "proxy" -d 'Test a proxy: the origin and the client are ours, and what happens at both is compared'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and not __fish_seen_subcommand_from client server proxy help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l exec -d 'A shell command that starts an adapter; it speaks the protocol over stdio' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l each -d 'A shell command with `{url}` in it, started once a case; it prints events as JSON lines' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l browser -d 'A browser: `chromium`, `firefox`, `webkit`, or the path of one' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l service -d 'The address of a test service that speaks LaunchDarkly\'s contract for SSE clients' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l feature -d 'What an `--each` command can do, beside opening a URL (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l worker -d 'Open the streams of `--browser` in a worker of the page' -r -f -a "dedicated\t'One for each frame of the page'
shared\t'One for all frames of an origin'"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l module -d 'Open the streams of `--browser` with this JavaScript module instead of EventSource' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l run -d 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l skip -d 'Leave out cases that match; `@FILE` reads patterns' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l profile -d 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]' -r -f -a "eventsource\t'The letter of the standard'
resilient\t'Clients that by design reconnect where the standard says to fail'
decoder\t'Without HTTP, or without reconnection'"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l fail-on -d 'From which level a breach fails the run' -r -f -a "must\t''
should\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l known -d 'Known failures: a TOML table per case id, each with a `reason`' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l write-known -d 'Write the failures of this run as a known-failures file' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -s j -l jobs -d 'How many cases run side by side' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l time-scale -d 'What all waiting times are multiplied by, on slow machines' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l repeat -d 'How often each case is run' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l report -d 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l traces -d 'Write the timeline of each case that did not pass into this directory' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l scenarios -d 'Run the scenarios of this directory or file in place of the built-in ones' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l format -d 'What goes to stdout: nothing, as people read stderr, or the JSON result' -r -f -a "human\t''
json\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l builtin -d 'The reference client'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -l stop-service-at-end -d 'Ask the `--service` to end when the run is over'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from client" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l exec -d 'A shell command that starts an adapter, which has a server library send what it is told' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -s H -l header -d 'A request header, as `Name: value` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l method -d 'The request method [default: GET, or POST with `--body`]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l body -d 'The request body; `@FILE` reads it' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l cacert -d 'Trust the certificates in this file, in PEM, in place of the system\'s' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l for -d 'How long the stream is watched' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l min-events -d 'Leave the stream after so many events; fewer are not enough to judge by' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l trigger -d 'A request that makes the server emit, sent once a second: `POST URL`' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l gauge -d 'Where the server shows how many streams are open: `URL`, `URL#METRIC` or `URL#/POINTER`' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l run -d 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l skip -d 'Leave out cases that match; `@FILE` reads patterns' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l profile -d 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]' -r -f -a "eventsource\t'The letter of the standard'
resilient\t'Clients that by design reconnect where the standard says to fail'
decoder\t'Without HTTP, or without reconnection'"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l fail-on -d 'From which level a breach fails the run' -r -f -a "must\t''
should\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l known -d 'Known failures: a TOML table per case id, each with a `reason`' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l write-known -d 'Write the failures of this run as a known-failures file' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -s j -l jobs -d 'How many cases run side by side' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l time-scale -d 'What all waiting times are multiplied by, on slow machines' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l repeat -d 'How often each case is run' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l report -d 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l traces -d 'Write the timeline of each case that did not pass into this directory' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l scenarios -d 'Run the scenarios of this directory or file in place of the built-in ones' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l format -d 'What goes to stdout: nothing, as people read stderr, or the JSON result' -r -f -a "human\t''
json\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l builtin -d 'The reference server'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l insecure -d 'Accept any certificate'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l http1 -d 'Use HTTP/1 only'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -l http2 -d 'Use HTTP/2, in cleartext by prior knowledge, for all that does not ask for HTTP/1.0'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from server" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l via -d 'The URL of the proxy, where the client comes in' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l origin -d 'The address that the proxy forwards to; the origin listens there' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l start -d 'A shell command that starts the proxy in the foreground, once the origin listens' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l idle -d 'For how long the streams are silent that the proxy is to keep' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l cacert -d 'Trust the certificates in this file, in PEM, in place of the system\'s' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l run -d 'Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l skip -d 'Leave out cases that match; `@FILE` reads patterns' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l profile -d 'The levels to judge by [default: eventsource for clients that reconnect, else decoder]' -r -f -a "eventsource\t'The letter of the standard'
resilient\t'Clients that by design reconnect where the standard says to fail'
decoder\t'Without HTTP, or without reconnection'"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l fail-on -d 'From which level a breach fails the run' -r -f -a "must\t''
should\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l known -d 'Known failures: a TOML table per case id, each with a `reason`' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l write-known -d 'Write the failures of this run as a known-failures file' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -s j -l jobs -d 'How many cases run side by side' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l time-scale -d 'What all waiting times are multiplied by, on slow machines' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l repeat -d 'How often each case is run' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l report -d 'Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH` with a path in `.svg` or `.json` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l traces -d 'Write the timeline of each case that did not pass into this directory' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l scenarios -d 'Run the scenarios of this directory or file in place of the built-in ones' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l format -d 'What goes to stdout: nothing, as people read stderr, or the JSON result' -r -f -a "human\t''
json\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -l insecure -d 'Accept any certificate'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from proxy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from help" -f -a "client" -d 'Test a client, or a decoder'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from help" -f -a "server" -d 'Test a server by the URL of its stream'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from help" -f -a "proxy" -d 'Test a proxy: the origin and the client are ours, and what happens at both is compared'
complete -c ssespec -n "__fish_ssespec_using_subcommand test; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ssespec -n "__fish_ssespec_using_subcommand mock" -l listen -d 'Where to listen; port 0 picks a free one' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand mock" -l case -d 'Serve only these cases (repeatable; globs)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand mock" -l scenarios -d 'Serve the scenarios of this directory or file in place of the built-in ones' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand mock" -l workers -d 'How many threads serve what is under `/load/`' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand mock" -l stall -d 'Serve nothing under `/load/` for a time, as `1s@10s`: how long, and how long after the start (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand mock" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l builtin -d 'The built-in server, in processes of its own; TARGET is `/load/stream`, `/load/broadcast` or `/load/llm`, with parameters such as `?rate=10&size=200`' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l workload -d 'Take options from a TOML file, or from a built-in workload by its name; those of the command line come before them' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l client -d 'Put a client under load in place of a server: the shell command of its adapter. The built-in server serves; `--builtin=TARGET` sets what' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l processes -d 'Adapter processes that share the streams [default: 1]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l null-adapter -d 'How long the adapter protocol is measured by itself after the run, with an adapter that hardly does anything; 0s for not at all' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -s c -l streams -d 'How many streams are held at once [default: 1000]; with a rate, how many may be open at most [default: as many as the rate and the lifetimes ask for]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l ramp -d 'The time over which the streams are started, 0s for as fast as it goes [default: 10s]; with a rate, over which it is reached [default: 0s]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l duration -d 'How long all of them are held after that, or arrive [default: 60s; with stages 0s]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l rate -d 'Start so many streams a second, whether or not those before have come about: `100/s`' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l stage -d 'Go evenly to so many streams, as `1000@30s`, or to a rate of arrivals, as `100/s@30s` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l arrivals -d 'The times between arrivals at a rate' -r -f -a "constant\t'All the same'
poisson\t'As of users who know nothing of each other'"
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l lifetime -d 'How long each stream stays open: `10s`, `exp:10s` by its mean, `uniform:5s..15s`. Where streams are held, another takes its place' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -s H -l header -d 'A request header, as `Name: value` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l method -d 'The request method [default: GET, or POST with `--body`]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l body -d 'The request body; `@FILE` reads it' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l streams-per-connection -d 'How many streams share a connection of HTTP/2; fewer where the server takes fewer' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l cacert -d 'Trust the CA certificates of this PEM file, where the URL is one with `https`' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l credentials -d 'What `{credential}` stands for in URL, headers and body: one a line, one line a stream' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l publish -d 'Publish messages while the streams are held: `POST URL`, for the built-in server `POST /load/broadcast`; the streams then listen on `/load/broadcast?rate=0`' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l publish-rate -d 'How many messages a second all publishers send' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l publishers -d 'How many publishers take turns, each on a connection of its own' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l publish-header -d 'A header of each message, as `Name: value` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l publish-body -d 'The message, with `{publisher}`, `{seq}`, `{now_ms}` and so on; `@FILE` reads it [default: JSON with these, whose time `e2e` is measured by]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l until -d 'The event that ends a stream with success: its data, as `[DONE]`, `event:NAME` for a type, or `/pointer` for JSON that has something there. Where streams are held, the next one is asked for' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l first-event -d 'The events that are tokens, for `ttft` and `itl`, written as for `--until` [default: all but the last]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l slo -d 'When a stream that came to its end is good: `ttft < 500ms and itl.p99 < 50ms`' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l timestamp -d 'Where JSON payloads say when they were sent, for `e2e`: `/meta/sent`, with `:s`, `:us` or `:ns` where it is not milliseconds since 1970; texts are read as RFC 3339' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l sequence -d 'Where JSON payloads say their number, by which delivery is judged in place of the id' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l fail -d 'When the run has failed, such as `ttfe.p99 > 200ms` or `lost > 0` (repeatable) [default: errors, lost, duplicated, reordered, payload-faults or publish-errors > 0; with `--client` also violations > 0 and opened < 100%]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l reconnect -d 'Streams that are lost come back after the reconnection time, with Last-Event-ID, as browsers do; RETRY where the server sets none' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l drop -d 'Drop streams all at once: `20%@30s` for one in five after half a minute, or `20%@30s~5s` spread by chance over the next five seconds (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l slow -d 'Read a share of the streams slowly: `10%:1000B/s`, `10%:pause=5s` or `10%:never`. They are in no latency' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l receive-buffer -d 'The receive buffer of each socket, of which the system has a least size; with HTTP/2 the window of each stream' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l timeout -d 'How long a stream may take to connect, and to answer' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l ids -d 'What ids say' -r -f -a "sequence\t'Consecutive numbers: what is missing is lost'
opaque\t'Nothing; delivery is not judged'"
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l source -d 'An address of this machine to connect from (repeatable) [default: the system\'s choice; for servers on 127.0.0.0/8 as many as it takes]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l workers -d 'Worker processes [default: as many as descriptors and processors ask for]' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l loop-lag-limit -d 'How late the generator may be, by its 99th percentile, before the result is not to be trusted' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l stall -d 'Let the built-in server stand still: `1s@10s` for one second after ten (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l report -d 'Write a report: `html=PATH`, `json=PATH`, `csv=PATH`, `markdown=PATH`, `hlog=PATH`, or `hgrm=DIR` with a file a metric (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l metrics -d 'Serve how the run is going in the text format of Prometheus, at the path /metrics of this address, such as 127.0.0.1:9464; port 0 for a free one' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l format -d 'What goes to stdout: nothing, as people read stderr, or the JSON result' -r -f -a "human\t''
json\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l http2 -d 'Speak HTTP/2, with many streams on a connection: agreed upon by ALPN where the URL is one with `https`, else with prior knowledge (h2c)'
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l insecure -d 'Accept any certificate'
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l tls-resume -d 'Resume TLS sessions, as one user does who comes again and again; without it each connection makes a full handshake'
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -l no-live -d 'Lines of progress in place of the live view, also on a terminal'
complete -c ssespec -n "__fish_ssespec_using_subcommand load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ssespec -n "__fish_ssespec_using_subcommand load-worker" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand load-server" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand load-null-adapter" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand decode" -l format -d 'How to print: readable text, or one JSON object a line' -r -f -a "text\t''
json\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand decode" -l explain -d 'Also say what a server should not have sent, with the rule and the offset of the byte'
complete -c ssespec -n "__fish_ssespec_using_subcommand decode" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand list" -l scenarios -d 'The scenarios of this directory or file in place of the built-in ones' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand list" -l format -d 'How to print' -r -f -a "human\t''
json\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand list" -l rules -d 'List the rules in place of the cases'
complete -c ssespec -n "__fish_ssespec_using_subcommand list" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand explain" -l scenarios -d 'The scenarios of this directory or file in place of the built-in ones' -r -F
complete -c ssespec -n "__fish_ssespec_using_subcommand explain" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand lint" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and not __fish_seen_subcommand_from render merge diff help" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and not __fish_seen_subcommand_from render merge diff help" -f -a "render" -d 'Write a JSON result, or a JSON matrix, as other kinds of report'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and not __fish_seen_subcommand_from render merge diff help" -f -a "merge" -d 'Make one matrix of many results: implementations × cases; or compare load runs'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and not __fish_seen_subcommand_from render merge diff help" -f -a "diff" -d 'Say what changed from one result to another; exit with 1 where something regressed'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and not __fish_seen_subcommand_from render merge diff help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from render" -l report -d 'Write a report: `html=PATH`, `markdown=PATH`, `junit=PATH`, `badge=PATH` or `json=PATH` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from render" -l fail-on -d 'From which level a breach is a failure, where the kind of report has such' -r -f -a "must\t''
should\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from render" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from merge" -l report -d 'Write the matrix: `html=PATH`, `markdown=PATH` or `json=PATH`; of load runs there is no JSON (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from merge" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from diff" -l report -d 'Also write what changed: `markdown=PATH` (repeatable)' -r
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from diff" -l fail-on -d 'From which level a new breach is a regression' -r -f -a "must\t''
should\t''"
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "render" -d 'Write a JSON result, or a JSON matrix, as other kinds of report'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "merge" -d 'Make one matrix of many results: implementations × cases; or compare load runs'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Say what changed from one result to another; exit with 1 where something regressed'
complete -c ssespec -n "__fish_ssespec_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ssespec -n "__fish_ssespec_using_subcommand completions" -s h -l help -d 'Print help'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "test" -d 'Test a client, a server or a proxy; without more, the built-in client, as a demonstration'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "mock" -d 'Run the mock server by itself: every scenario at /case/ID'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "load" -d 'Hold many streams at once, check every event on each, and measure from the schedule'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "load-worker" -d 'A worker of `load`, which speaks over stdin and stdout'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "load-server" -d 'A built-in server of `load`, which speaks over stdin and stdout'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "load-null-adapter" -d 'An adapter for `load --client` that hardly does anything'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "decode" -d 'Decode an event stream with the reference parser'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "list" -d 'List the cases'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "explain" -d 'Say all about one case, or one rule'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "lint" -d 'Check scenario files'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "report" -d 'Turn results of runs that are over into other reports, merge them, compare them'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "completions" -d 'Print shell completions'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and not __fish_seen_subcommand_from test mock load load-worker load-server load-null-adapter decode list explain lint report completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and __fish_seen_subcommand_from test" -f -a "client" -d 'Test a client, or a decoder'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and __fish_seen_subcommand_from test" -f -a "server" -d 'Test a server by the URL of its stream'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and __fish_seen_subcommand_from test" -f -a "proxy" -d 'Test a proxy: the origin and the client are ours, and what happens at both is compared'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "render" -d 'Write a JSON result, or a JSON matrix, as other kinds of report'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "merge" -d 'Make one matrix of many results: implementations × cases; or compare load runs'
complete -c ssespec -n "__fish_ssespec_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "diff" -d 'Say what changed from one result to another; exit with 1 where something regressed'
