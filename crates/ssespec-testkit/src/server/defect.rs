//! The defects of servers: pure data. Each is one line of `docs/mutants.md`.

use crate::named::named_defects;

named_defects! {
    "A defect of a server. The name says it in short, the description in full."
    ServerDefect:
    Answers202 "answers-202"
        "answers with 202",
    Answers500 "answers-500"
        "answers with 500",
    TypePlain "type-plain"
        "says `text/plain`",
    TypeMissing "type-missing"
        "says no media type",
    TypeTwice "type-twice"
        "says its media type twice",
    CharsetLatin1 "charset-latin1"
        "says `charset=iso-8859-1`",
    TypeWithBoundary "type-with-boundary"
        "adds a parameter that the media type does not have",
    CacheControlMissing "cache-control-missing"
        "sends no `Cache-Control`",
    CachedForAnHour "cached-for-an-hour"
        "sends `Cache-Control: max-age=3600`",
    LengthAnnounced "length-announced"
        "announces a length, though the stream has no end",
    LengthBesideChunked "length-beside-chunked"
        "sends `Content-Length` beside `Transfer-Encoding`",
    ChunkSizeNotHexadecimal "chunk-size-not-hexadecimal"
        "writes the second chunk without its size",
    ChunkLongerThanItsSize "chunk-longer-than-its-size"
        "gives chunks a size that is two bytes short",
    LastChunkMissing "last-chunk-missing"
        "closes the connection in place of the last chunk",
    HeadWithTheFirstEvent "head-with-the-first-event"
        "keeps the head back until the first event, 1.3 s later",
    ChunkedToHttp10 "chunked-to-http-1-0"
        "sends chunks to HTTP/1.0 clients",
    ConnectionHeaderOverHttp2 "connection-header-over-http-2"
        "sends `connection: keep-alive` over HTTP/2",
    Http2Answers500 "http-2-answers-500"
        "answers with 500 over HTTP/2",
    NotModified "not-modified"
        "answers conditional requests with 304",
    GzipUnasked "gzip-unasked"
        "codes each stream by gzip, whatever the request says",
    GzipThoughExcluded "gzip-though-excluded"
        "codes by gzip where the request names it to exclude it",
    GzipInNameOnly "gzip-in-name-only"
        "says `Content-Encoding: gzip` and sends the plain stream",
    GzipBreaksOff "gzip-breaks-off"
        "writes one event past the encoder",
    GzipUnflushed "gzip-unflushed"
        "never flushes the encoder",
    VaryWithoutCoding "vary-without-coding"
        "leaves `Accept-Encoding` out of `Vary`",
    Latin1InTheStream "latin1-in-the-stream"
        "sends a byte of ISO 8859-1 in the data",
    CodePointCut "code-point-cut"
        "cuts a code point off in its middle",
    MarkBeforeEachEvent "mark-before-each-event"
        "writes a byte order mark before each event",
    UnknownField "unknown-field"
        "writes a field `foo`",
    DataContinuedBare "data-continued-bare"
        "writes the second line of the data without a field name",
    FieldCapitalised "field-capitalised"
        "writes `Data:`",
    FieldIndented "field-indented"
        "writes a blank before `data:`",
    RetryWithAUnit "retry-with-a-unit"
        "writes `retry: 1s`",
    RetryWithoutValue "retry-without-value"
        "writes `retry:`",
    IdWithNul "id-with-nul"
        "writes ids with a NUL",
    TypeWithoutData "type-without-data"
        "writes events with a type and no data",
    LastBlankLineMissing "last-blank-line-missing"
        "ends the body without the last blank line",
    IdWithControlCharacter "id-with-control-character"
        "writes ids with a control character",
    IdOfTenKilobytes "id-of-ten-kilobytes"
        "writes ids of ten kilobytes",
    IdUsedAgain "id-used-again"
        "uses three ids in turn",
    EventInTwoHalves "event-in-two-halves"
        "sends the second half of each event 1.3 s after the first",
    FallsSilent "falls-silent"
        "sends nothing after its first three events",
    WantsTheExactAccept "wants-the-exact-accept"
        "answers with 406 unless `Accept` is exactly `text/event-stream`",
    WantsSomeAccept "wants-some-accept"
        "answers with 406 where there is no `Accept`",
    HeadHangs "head-hangs"
        "never answers HEAD",
    HeadWithBody "head-with-body"
        "sends the stream in answer to HEAD",
    HeadNotFound "head-not-found"
        "answers HEAD with 404",
    StreamsToAnyMethod "streams-to-any-method"
        "streams whatever the method",
    UnknownMethod500 "unknown-method-500"
        "answers unknown methods with 500",
    RefusalWithoutAllow "refusal-without-allow"
        "refuses by 405 without `Allow`",
    SharedWithAPath "shared-with-a-path"
        "shares with the origin that asks, and a slash behind it",
    SharedWithAList "shared-with-a-list"
        "shares with a list of origins",
    StarWithCredentials "star-with-credentials"
        "shares with `*`, with credentials",
    VaryMissing "vary-missing"
        "sends no `Vary`",
    VaryForOriginsOnly "vary-for-origins-only"
        "sends `Vary` only where the request has an `Origin`",
    ResumeIgnored "resume-ignored"
        "takes no notice of `Last-Event-ID`",
    ResumeLosesOne "resume-loses-one"
        "resumes with the second event after the id",
    ResumeRepeatsTheLast "resume-repeats-the-last"
        "resumes with the event of the id",
    ResumeStartsOver "resume-starts-over"
        "resumes two events before the id",
    ResumeNewestFirst "resume-newest-first"
        "replays the newest event first",
    UnknownId500 "unknown-id-500"
        "answers an unknown id with 500",
    EmptyId500 "empty-id-500"
        "answers an empty id with 500",
    IdBeyondAsciiDropsTheConnection "id-beyond-ascii-drops-the-connection"
        "hangs up at an id beyond ASCII",
    IdNotUtf8500 "id-not-utf-8-500"
        "answers an id that is no UTF-8 with 500",
    LongId500 "long-id-500"
        "answers an id of more than a thousand bytes with 500",
    HostileId500 "hostile-id-500"
        "answers an id with `%0d` with 500",
    IdReflectedUnescaped "id-reflected-unescaped"
        "undoes percent coding in the id and writes it into a comment",
    BrokenByAHostileId "broken-by-a-hostile-id"
        "answers everything with 500 after an id with `%0d`",
    OneStreamAtATime "one-stream-at-a-time"
        "serves the next stream when the one before it has ended",
    EventsSharedOut "events-shared-out"
        "sends most events to half of the streams only",
    IdsOfTheConnection "ids-of-the-connection"
        "counts ids on each connection anew",
    AllLeaveWithOne "all-leave-with-one"
        "ends all streams when a client leaves",
    WaitsForTheSlowest "waits-for-the-slowest"
        "sends much, and nothing to anybody while somebody does not read",
    // Of libraries that are told what to send.
    DataAsAJsonString "data-as-a-json-string"
        "writes data as a JSON string",
    LastEventLostAtTheEnd "last-event-lost-at-the-end"
        "loses the last event of a stream that ends",
    LineFeedWrittenRaw "line-feed-written-raw"
        "writes data into one `data` line, whatever line ends it holds",
    CrlfTakenForTwoLineEnds "crlf-taken-for-two-line-ends"
        "takes CRLF in data for two line ends",
    CarriageReturnWrittenRaw "carriage-return-written-raw"
        "splits data at LF only",
    DataTrimmedAtItsEnd "data-trimmed-at-its-end"
        "takes blanks and line ends off the end of data",
    EmptyLinesDropped "empty-lines-dropped"
        "drops empty lines of data",
    EmptyDataLeftOut "empty-data-left-out"
        "writes no `data` line for empty data",
    NoSpaceAfterTheColon "no-space-after-the-colon"
        "writes data right after the colon",
    FieldsInDataTakenForWritten "fields-in-data-taken-for-written"
        "writes lines of data that look like a field as they are",
    LinesEndedAsUnicodeHasIt "lines-ended-as-unicode-has-it"
        "splits data at each line end that Unicode has",
    AstralCodePointsReplaced "astral-code-points-replaced"
        "replaces code points beyond U+FFFF",
    ByteOrderMarkRemoved "byte-order-mark-removed"
        "takes U+FEFF out of data",
    ControlCharactersRemoved "control-characters-removed"
        "takes control characters out of data",
    DataEscapedForMarkup "data-escaped-for-markup"
        "escapes data for HTML",
    DataCutAt64Kibibytes "data-cut-at-64-kibibytes"
        "cuts data at 64 KiB",
    LinesBeyondAThousandLost "lines-beyond-a-thousand-lost"
        "loses the lines of data beyond the thousandth",
    TypeSticks "type-sticks"
        "writes the type of the event before where an event has none",
    TypeInLowerCase "type-in-lower-case"
        "writes types in lower case",
    EmptyTypeAsAName "empty-type-as-a-name"
        "writes `event: undefined` for an empty type",
    TypeTrimmed "type-trimmed"
        "takes blanks off a type",
    TypeInAscii "type-in-ascii"
        "replaces characters of a type that are not ASCII",
    IdLeftOut "id-left-out"
        "writes no ids",
    ZeroLeftOut "zero-left-out"
        "writes neither the id `0` nor a reconnection time of 0",
    EmptyIdLeftOut "empty-id-left-out"
        "writes no empty id",
    IdTrimmed "id-trimmed"
        "takes blanks off an id",
    RetryInSeconds "retry-in-seconds"
        "writes the reconnection time in seconds",
    OneFieldAnEvent "one-field-an-event"
        "ends the event after each of its fields",
    CommentAsAnEvent "comment-as-an-event"
        "sends a comment as an event",
    CommentLeftOut "comment-left-out"
        "sends no comments",
    TypeWrittenRaw "type-written-raw"
        "writes a type with CR or LF as it is",
    IdWrittenRaw "id-written-raw"
        "writes an id with CR, LF or NUL as it is",
    CommentWrittenRaw "comment-written-raw"
        "writes a comment with CR or LF as it is",
    RetryWrittenRaw "retry-written-raw"
        "writes a reconnection time as it is, number or not",
    OnlyLineFeedsRefused "only-line-feeds-refused"
        "looks for LF, and not for CR, in types, ids and comments",
    KeptUntilTheEnd "kept-until-the-end"
        "sends all events when the stream ends",
    EverySecondEventKept "every-second-event-kept"
        "sends every second event with the one after it",
    HeadKeptUntilTheFirstEvent "head-kept-until-the-first-event"
        "sends the head with the first event it is told to send",
    GzipKeptUntilTheEnd "gzip-kept-until-the-end"
        "flushes the compressor of a stream at its end",
    GzipLeftWithoutItsEnd "gzip-left-without-its-end"
        "loses what the compressor still holds at the end",
    HeartbeatNeverSent "heartbeat-never-sent"
        "takes the interval of a heartbeat and sends none",
    HeartbeatAsAnEvent "heartbeat-as-an-event"
        "sends a heartbeat as an event",
    HeartbeatWithinAnEvent "heartbeat-within-an-event"
        "sends a heartbeat between the lines of an event",
    StreamCountedForEver "stream-counted-for-ever"
        "does not let go of a stream whose client has left",
    DisconnectUntold "disconnect-untold"
        "does not tell the application that the client has left",
    FailureAnsweredBy200 "failure-answered-by-200"
        "answers with an empty stream where the handler failed",
    FailedStreamLeftOpen "failed-stream-left-open"
        "leaves the stream open whose handler failed",
    DownAfterAFailure "down-after-a-failure"
        "answers with 500 for ever once a handler has failed",
    HundredStreamsServed "hundred-streams-served"
        "refuses the hundred and first stream",
    QueueWithoutBound "queue-without-bound"
        "queues whatever the client has not taken",
}
