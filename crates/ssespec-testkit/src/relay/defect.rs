//! The defects of proxies: pure data. Each is one line of `docs/mutants.md`.

use crate::named::named_defects;

named_defects! {
    "A defect of a proxy. The name says it in short, the description in full."
    RelayDefect:
    LineEndsNormalised "line-ends-normalised"
        "writes LF for each CR and CRLF",
    TextCleaned "text-cleaned"
        "takes the byte order mark and control characters out, and replaces what is no UTF-8",
    NulDroppedLate "nul-dropped-behind-64-kibibytes"
        "takes NUL out, but for the first 64 KiB",
    ChunksDecodedOneByOne "chunks-decoded-one-by-one"
        "decodes each chunk as UTF-8 by itself",
    OneByteChunksLost "one-byte-chunks-lost"
        "drops chunks of one byte",
    CommentsDropped "comments-dropped"
        "drops comments",
    CommentsAsData "comments-as-data"
        "makes data of comments",
    HeartbeatWithinAnEvent "heartbeat-within-an-event"
        "writes a comment of its own after a second of silence, wherever the stream stands",
    LinesCutAt64Kibibytes "lines-cut-at-64-kibibytes"
        "drops what a line has beyond 64 KiB",
    CompressesWhateverItIs "compresses-whatever-it-is"
        "codes by gzip whatever the client takes so, without a flush",
    CodingForgotten "coding-forgotten"
        "drops `Content-Encoding` and leaves the body as it is",
    BuffersToTheEnd "buffers-to-the-end"
        "keeps the body back until it has ended",
    Buffers4Kibibytes "buffers-4-kibibytes"
        "passes the body on in parts of 4 KiB",
    LateByAnEvent "late-by-an-event"
        "passes each chunk on when the next one comes",
    KnowsTheBareTypeOnly "knows-the-bare-type-only"
        "keeps the body back unless the media type has no parameter",
    BuffersAnswersToPost "buffers-answers-to-post"
        "keeps the body of an answer to POST back",
    BuffersCodedBodies "buffers-coded-bodies"
        "keeps a coded body back",
    WaitsForWholeEvents "waits-for-whole-events"
        "passes the body on up to its last blank line",
    HeadWithTheFirstByte "head-with-the-first-byte"
        "keeps the head back until there is a body",
    CacheControlReplaced "cache-control-replaced"
        "writes a `Cache-Control` of its own",
    UnknownHeadersDropped "unknown-headers-dropped"
        "drops headers of the response that it does not know",
    UnknownHeadersDroppedUp "unknown-headers-dropped-up"
        "drops headers of the request that it does not know",
    HopByHopDown "hop-by-hop-down"
        "leaves headers that the origin's `Connection` names",
    HopByHopUp "hop-by-hop-up"
        "leaves headers that the client's `Connection` names",
    ConnectionHeadersOverHttp2 "connection-headers-over-http-2"
        "passes the origin's `Connection` on over HTTP/2",
    ChunkedTwice "chunked-twice"
        "puts the origin's chunks into chunks",
    CleanEndTakenForACut "clean-end-taken-for-a-cut"
        "takes a body that is delimited by close for one that broke off",
    ChunkedToHttp10 "chunked-to-http-1-0"
        "sends chunks to HTTP/1.0 clients",
    InterimTakenForFinal "interim-taken-for-final"
        "takes an interim response for the final one",
    NoContentMade200 "204-made-200"
        "answers with 200 for 204",
    RedirectsFollowed "redirects-followed"
        "follows redirects itself",
    ErrorsMade502 "errors-made-502"
        "answers with 502 for 500",
    Answers200ForADeadOrigin "answers-200-for-a-dead-origin"
        "answers with an empty 200 where the origin gives no answer",
    LastEventIdInAscii "last-event-id-in-ascii"
        "drops what is not ASCII from `Last-Event-ID`",
    LastEventIdDropped "last-event-id-dropped"
        "drops `Last-Event-ID`",
    AcceptReplaced "accept-replaced"
        "writes `Accept: */*`",
    ChunkedRequestBodyLost "chunked-request-body-lost"
        "drops the body of a request without a length",
    PostMadeGet "post-made-get"
        "asks by GET whatever the method was",
    CutsCompleted "cuts-completed"
        "writes a clean end where the origin broke off",
    CutsUntold "cuts-untold"
        "leaves the response open where the origin broke off",
    CutsLoseWhatCame "cuts-lose-what-came"
        "keeps 64 KiB back, and drops them where the origin breaks off",
    RetriesIntoTheSameResponse "retries-into-the-same-response"
        "asks again where the origin breaks off, and goes on with what comes",
    RetriesAnyMethod "retries-any-method"
        "asks again where no answer comes, whatever the method",
    OriginKeptWhenTheClientLeaves "origin-kept-when-the-client-leaves"
        "reads the origin's stream to its end, whether or not the client is there",
    Coalesces "coalesces"
        "gives whoever asks the same at the same time the same response",
    StoresWhatHasEnded "stores-what-has-ended"
        "answers from what it has stored",
    OriginBlamedForACut "origin-blamed-for-a-cut"
        "answers with 503 for a while after the origin broke off",
    SilentStreamsDropped "silent-streams-dropped"
        "breaks a stream off that is silent for a second",
    SilentStreamsEnded "silent-streams-ended"
        "ends a stream cleanly that is silent for a second",
    StreamsDroppedAfterAWhile "streams-dropped-after-a-while"
        "breaks a stream off that is two seconds old",
}
