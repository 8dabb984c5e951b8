//! The defects: pure data. Each is one line of `docs/mutants.md`, and one switch in the code.

use super::Place;

defects! {
    Decode {
        Utf8DecodedPerRead "utf8-decoded-per-read"
            "decodes each read by itself: an incomplete sequence at its end becomes U+FFFDs, and \
             so do its remaining bytes in the next read",
        Utf8DecodedPerKibibyte "utf8-decoded-per-kibibyte"
            "decodes each run of 1024 bytes within a read by itself, so that a sequence cut \
             there, or by the end of the read, becomes U+FFFDs",
        DecodesLatin1 "decodes-latin1"
            "decodes the body as ISO 8859-1, byte = code point (a leading EF BB BF is still \
             recognised as a BOM)",
        IllFormedBytesDropped "ill-formed-bytes-dropped"
            "a maximal ill-formed part is dropped instead of becoming U+FFFD",
        IllFormedByteByByte "ill-formed-byte-by-byte"
            "each byte of a maximal ill-formed part becomes its own U+FFFD (E2 82 41 gives two)",
        IllFormedRunReplacedOnce "ill-formed-run-replaced-once"
            "adjacent ill-formed parts together become one U+FFFD",
        IllFormedReadAsLatin1 "ill-formed-read-as-latin1"
            "each byte of an ill-formed part becomes the code point of that number",
        IllFormedEndsStream "ill-formed-ends-stream"
            "the first ill-formed part ends the stream; lines finished before it were handled",
        LeadByteTakesWhatFollows "lead-byte-takes-what-follows"
            "a lead byte (C2–F4) takes as many following bytes as it announces, whatever they \
             are; if the group is ill-formed it becomes one U+FFFD (so it can swallow letters and \
             line ends)",
        LooseUtf8Accepted "loose-utf8-accepted"
            "overlong forms decode to the code point they encode (C0 8A is LF, C0 80 is NUL), a \
             pair of encoded surrogates to the character above U+FFFF; other ill-formed bytes \
             become one U+FFFD each",
        AstralReplaced "astral-replaced"
            "each code point above U+FFFF becomes one U+FFFD",
        TextSanitised "text-sanitised"
            "removes from the decoded text, names included: U+0000–0008, 000B, 000C, 000E–001F, \
             007F–009F, 00AD, 0300–036F, 200B–200F, 202A–202E, 2060–206F, FDD0–FDEF, FEFF and the \
             last two code points of each plane",
        Utf16MarkHonoured "utf-16-mark-honoured"
            "if the first read starts with FF FE or FE FF, the whole body is decoded as UTF-16 of \
             that order",
        BomKept "bom-kept"
            "no byte order mark is dropped",
        BomInFirstReadOnly "bom-in-first-read-only"
            "a byte order mark is dropped only if all three bytes are in the first read",
        BomStrippedAtEachRead "bom-stripped-at-each-read"
            "a U+FEFF at the start of any read is dropped",
        BomStrippedAtEachLine "bom-stripped-at-each-line"
            "a U+FEFF at the start of any line is dropped (after the one at the start of the \
             stream)",
        BomStrippedEverywhere "bom-stripped-everywhere"
            "every U+FEFF is dropped",
    }
    Line {
        CrNotAnEnding "cr-not-an-ending"
            "only LF and CRLF end lines; a CR without LF stays in the line",
        LfOnlyEndsLines "lf-only-ends-lines"
            "only LF ends lines; every CR stays in the line (so `\\r\\n` leaves `…\\r`, and a \
             line `\\r` is not blank)",
        CrlfAsTwoEndings "crlf-as-two-endings"
            "CR and LF each end a line, always",
        CrlfAsTwoEndingsAcrossReads "crlf-as-two-endings-across-reads"
            "CR and LF each end a line where the LF is the first byte of a read",
        LfCrAsOneEnding "lf-cr-as-one-ending"
            "LF followed at once by CR is one ending",
        FirstEndingBinds "first-ending-binds"
            "if the first line of the stream ends in LF, CR is an ordinary character from then on",
        CrSwallowsALaterLf "cr-swallows-a-later-lf"
            "after a CR the next LF of the stream is swallowed, however many bytes stand between \
             (one LF for one or more CRs)",
        DropsLfAtReadStart "drops-lf-at-read-start"
            "an LF that is the first byte of any read but the first is dropped",
        WaitsForLfAfterCr "waits-for-lf-after-cr"
            "a CR ends its line only when the next byte has arrived; at the end of the body it \
             ends none",
        BlocksByDoubleLf "blocks-by-double-lf"
            "cuts the text at `\\n\\n` into blocks and only then into lines (by LF, CR, CRLF; \
             empty lines are skipped); each block is dispatched at its `\\n\\n`",
        SplitsOnUnicodeLineEnds "splits-on-unicode-line-ends"
            "U+0085, U+2028 and U+2029 end lines too",
        SplitsOnControlSeparators "splits-on-control-separators"
            "0B, 0C, 1C, 1D and 1E end lines too",
        WhitespaceLineDispatches "whitespace-line-dispatches"
            "a line of white space only (space, tab, VT, FF, U+0085, U+2028, U+2029) is a blank \
             line",
        NulCutsLine "nul-cuts-line"
            "a line ends at its first NUL (the rest up to the line ending is lost), unless the \
             NUL is its first character",
        LineLimit64Kib "line-limit-64-kib"
            "a line of more than 65,536 bytes is dropped",
        LineCutAtReadEnd "line-cut-at-read-end"
            "the end of a read ends an unfinished line",
        BlockCutAtReadEnd "block-cut-at-read-end"
            "the end of a read ends an unfinished line, and dispatches the block if it has data",
        EofDispatchesPending "eof-dispatches-pending"
            "at the end of the body the unfinished line is handled as a line, and the block is \
             dispatched if it has data",
    }
    Field {
        SplitsOnLastColon "splits-on-last-colon"
            "the name ends at the last colon (lines that start with a colon are still comments)",
        NeedsSpaceAfterColon "needs-space-after-colon"
            "a field whose colon is not followed by a space is ignored",
        KeepsTheSpaceAfterTheColon "keeps-the-space-after-the-colon"
            "no space is dropped",
        TrimsAllLeadingSpaces "trims-all-leading-spaces"
            "all spaces (U+0020) at the start of the value are dropped",
        TrimsAnyBlankAfterTheColon "trims-any-blank-after-the-colon"
            "after the optional space, one further white-space character other than U+0020 is \
             dropped too, and so is one in its place (tab, no-break, ideographic, em space, and \
             U+FEFF)",
        TrimsTrailingWhitespace "trims-trailing-whitespace"
            "white space at the end of every value is dropped",
        StripsPrefixCharacters "strips-prefix-characters"
            "of lines that start with `data:`, `event:`, `id:` or `retry:`, all characters that \
             occur in that prefix or are a space are taken off the start (as by the `lstrip` of \
             Python)",
        NoColonIgnored "no-colon-ignored"
            "lines without a colon are ignored",
        NoColonContinuesData "no-colon-continues-data"
            "a line without a colon whose text is no known field name is appended as a further \
             line of data, if the block has data",
        FieldNameCaseIgnored "field-name-case-ignored"
            "names are compared without case",
        FieldNameTrimmed "field-name-trimmed"
            "white space around names is dropped",
        FieldNameByPrefix "field-name-by-prefix"
            "a name that starts with data, event, id or retry counts as that field",
        FieldsAfterDataIgnored "fields-after-data-ignored"
            "in a block, fields other than `data` are ignored after the first `data`",
        FirstOfAFieldWins "first-of-a-field-wins"
            "the second and later `event`, and `id`, lines of a block are ignored",
        EmptyValueIgnored "empty-value-ignored"
            "`event` and `id` fields with an empty value are ignored",
        UnknownFieldResetsBlock "unknown-field-resets-block"
            "an unknown field clears the block's data and type",
        UnknownFieldEndsStream "unknown-field-ends-stream"
            "an unknown field ends the stream",
        CommentDispatches "comment-dispatches"
            "a comment acts as a blank line",
        CommentResetsBlock "comment-resets-block"
            "a comment clears the block's data, type and uncommitted id",
        CommentParsedAsField "comment-parsed-as-field"
            "the first colon of a comment (and spaces after it) is skipped and the rest read as a \
             line; nothing left = ignored",
        CommentTextKeepsColon "comment-text-keeps-colon"
            "comments are reported with their first colon",
        CommentWaitsForBlankLine "comment-waits-for-blank-line"
            "comments are reported at the next blank line",
    }
    Data {
        DataLastLineWins "data-last-line-wins"
            "each `data` replaces the data before it",
        DataLineIsAnEvent "data-line-is-an-event"
            "each `data` line is dispatched at once as an event",
        DataJoinedWithoutNewline "data-joined-without-newline"
            "lines of data are joined by nothing",
        DataJoinedByWireEnding "data-joined-by-wire-ending"
            "lines of data are joined by the ending that the earlier line had on the wire",
        DataKeepsLastNewline "data-keeps-last-newline"
            "the last LF is not taken off",
        DataLosesAllLastNewlines "data-loses-all-last-newlines"
            "all LFs at the end of the data are taken off (an event with empty data is still \
             dispatched)",
        EmptyDataLineSkipped "empty-data-line-skipped"
            "a `data` field with an empty value appends nothing",
        EmptyDataNotDispatched "empty-data-not-dispatched"
            "an event whose data is the empty string is not dispatched",
        DataNotCleared "data-not-cleared"
            "the data of earlier events stays in the buffer, joined by LF; a block without data \
             of its own dispatches nothing",
        DoneMarkerSwallowed "done-marker-swallowed"
            "an event whose data is `[DONE]` is not delivered",
    }
    EventType {
        TypeIgnored "type-ignored"
            "`event` is an unknown field",
        TypeSticky "type-sticky"
            "the type is never reset",
        TypeStickyAfterDatalessBlock "type-sticky-after-dataless-block"
            "the type is not reset by the blank line of a block without data",
        TypeLowercased "type-lowercased"
            "types are reported in lower case",
        EmptyTypeDropsEvent "empty-type-drops-event"
            "a block whose type was set and is empty dispatches nothing",
        ReservedTypesSwallowed "reserved-types-swallowed"
            "events with an explicit type message, error, open, close, ping, `__proto__`, \
             constructor or `hasOwnProperty` are not delivered",
    }
    Id {
        IdParsedAsInteger "id-parsed-as-integer"
            "an id must be an optional sign and digits within 64 bits, and is reported as that \
             number (007 is 7); an empty one resets; others are ignored",
        IdNotSticky "id-not-sticky"
            "an event whose block has no (valid) `id` carries the empty id",
        IdReadWhenTheChunkIsDone "id-read-when-the-chunk-is-done"
            "events are delivered after the whole read was parsed, each with the last event id of \
             that moment",
        NulIdAccepted "nul-id-accepted"
            "an id with NUL is taken as it is",
        NulIdClears "nul-id-clears"
            "an id with NUL sets the empty id",
        NulIdDropsEvent "nul-id-drops-event"
            "an id with NUL is ignored, and its block dispatches nothing",
        DatalessBlockNotCommitted "dataless-block-not-committed"
            "the id of a block without data is forgotten at its blank line",
    }
    Retry {
        RetryInSeconds "retry-in-seconds"
            "the value is taken as seconds (reported times 1000)",
        RetryOctal "retry-octal"
            "a value that starts with 0 and has more digits is read as octal, if it is one",
        FirstRetryWins "first-retry-wins"
            "only the first valid `retry` of the stream counts",
        RetryAtDispatch "retry-at-dispatch"
            "a `retry` takes effect when its block dispatches an event, else never",
        RetryDropsEvent "retry-drops-event"
            "a block with a valid `retry` dispatches nothing",
        RetryAcceptsNumberPrefix "retry-accepts-number-prefix"
            "the ASCII digits at the start of the value count (10ms is 10), none = ignored",
        RetryParsedAsFloat "retry-parsed-as-float"
            "the value is read like `Number()` does in JavaScript (white space around it, signs, \
             fractions, exponents, 0x), negative and unreadable ones ignored, the rest truncated",
        RetryAcceptsUnicodeDigits "retry-accepts-unicode-digits"
            "decimal digits of any script count, and so does U+00B2",
        RetryWrapsAt32Bits "retry-wraps-at-32-bits"
            "the value is taken modulo 2^32",
        UnusableRetryEndsStream "unusable-retry-ends-stream"
            "a value that is not all ASCII digits and between 1 and 2^31-1 (so an empty one, 0, \
             letters, overflow) ends the stream",
        EmptyRetryIsZero "empty-retry-is-zero"
            "an empty value is reported as 0 (the second outcome of an observed case)",
    }
    Dispatch {
        BlankLineDispatchesEmpty "blank-line-dispatches-empty"
            "every blank line dispatches; without data an event with empty data",
        DatalessBlockDispatches "dataless-block-dispatches"
            "a blank line dispatches if its block had any line at all (fields known or not, \
             comments); without data an event with empty data",
        StickyIdDispatches "sticky-id-dispatches"
            "a blank line dispatches if there is data or the last event id is not empty",
        DuplicatesDropped "duplicates-dropped"
            "an event is not delivered if type and data equal those of the event delivered \
             before, or if its own block sets the same non-empty id as that one carried",
        OneEventPerRead "one-event-per-read"
            "of the events that one read completes only the first is delivered",
        QueueOverflows "queue-overflows"
            "of the events that one read completes only the first 256 are delivered",
        EventsOfAReadReversed "events-of-a-read-reversed"
            "the reports of one read are delivered in reverse order",
        EventDeliveredTwiceWhenSplit "event-delivered-twice-when-split"
            "an event whose lines were finished in more than one read is delivered twice",
        WaitsForTheNextEvent "waits-for-the-next-event"
            "an event is delivered when the next one is complete; the last one is lost at the end \
             of the body",
        HoldsUntilFourKibibytes "holds-until-four-kibibytes"
            "input is parsed in full blocks of 4096 bytes only; the rest waits (the end of the \
             body would flush it)",
    }
    Request {
        AcceptMissing "accept-missing"
            "no request has an `Accept` header",
        AcceptOnFirstRequestOnly "accept-on-first-request-only"
            "reconnections have no `Accept` header",
        CacheControlMissing "cache-control-missing"
            "no request has a `Cache-Control` header",
        CacheControlOnFirstRequestOnly "cache-control-on-first-request-only"
            "reconnections have no `Cache-Control` header",
        FirstRequestSendsEmptyId "first-request-sends-empty-id"
            "the first request has an empty `Last-Event-ID`",
        PostsAlways "posts-always"
            "without a method of the user's the request is a POST",
        QueryDropped "query-dropped"
            "the query of the user's URL is left out",
        QueryEscapedTwice "query-escaped-twice"
            "each `%` of a URL is escaped once more, as `%25`",
        FragmentSent "fragment-sent"
            "the fragment of a URL goes out with the request target",
        UserHeadersDropped "user-headers-dropped"
            "the headers that the user gives are left out",
        UserHeadersReplaceAll "user-headers-replace-all"
            "if the user gives headers, they are sent in place of the client's own",
        MethodIgnored "method-ignored"
            "the method is always GET, and the body is kept",
        ReportSentAsPost "report-sent-as-post"
            "a REPORT request is sent as a POST",
        BodyDropped "body-dropped"
            "the user's body is left out, and its length is 0",
        BodyLengthInCharacters "body-length-in-characters"
            "`Content-Length` counts the characters of the body, not its bytes",
        PresetIdIgnored "preset-id-ignored"
            "the last event id that the user gives is left out",
        QueryOnFirstRequestOnly "query-on-first-request-only"
            "reconnections leave out the query of the user's URL",
        MethodOnFirstRequestOnly "method-on-first-request-only"
            "reconnections are GET requests, and keep the body",
        BodyOnFirstRequestOnly "body-on-first-request-only"
            "reconnections keep the method but have no body",
        UserHeadersOnFirstRequestOnly "user-headers-on-first-request-only"
            "every request but the very first lacks the user's headers",
        LastEventIdDisplacesUserHeaders "last-event-id-displaces-user-headers"
            "a request with `Last-Event-ID` lacks the user's headers",
    }
    LastEventId {
        LastEventIdNotSent "last-event-id-not-sent"
            "no reconnection has a `Last-Event-ID` header",
        LastEventIdOnFirstReconnectionOnly "last-event-id-on-first-reconnection-only"
            "`Last-Event-ID` is in the first request that follows the first loss, and in none \
             after it",
        FirstIdOfTheConnectionSent "first-id-of-the-connection-sent"
            "the first id of the latest connection that had one is sent, not the last",
        FirstIdEverSent "first-id-ever-sent"
            "the first id of the stream is sent on every reconnection",
        GreatestIdSent "greatest-id-sent"
            "the greatest id is sent, by number if they are numbers, not the latest",
        LastEventIdOfTheLastBlock "last-event-id-of-the-last-block"
            "the id of the very last block is sent; if that block had none, none is sent",
        LastEventIdsPileUp "last-event-ids-pile-up"
            "the ids of all connections so far, and the one given by the user, are sent, each in \
             a header of its own",
        EmptyIdIgnored "empty-id-ignored"
            "an `id` field with an empty value is ignored",
        EmptyIdSentAsEmptyHeader "empty-id-sent-as-empty-header"
            "an id that was set to the empty string is sent as an empty `Last-Event-ID`",
        EmptyIdBringsBackThePrevious "empty-id-brings-back-the-previous"
            "if the last event id is empty, the last one that was not is sent",
        LastEventIdAsLatin1 "last-event-id-as-latin1"
            "the id is sent in ISO 8859-1, with `?` for what it does not hold",
        LastEventIdAsLowBytes "last-event-id-as-low-bytes"
            "of each code point of the id its low byte is sent",
        LastEventIdPercentEncoded "last-event-id-percent-encoded"
            "the id is sent with all but letters, digits and `-._~` percent-encoded",
        IdBeyondAsciiNotSent "id-beyond-ascii-not-sent"
            "an id with a code point beyond ASCII is not sent",
        LastEventIdCutAt255 "last-event-id-cut-at-255"
            "of the id the first 255 bytes are sent",
        PresetIdOnFirstRequestOnly "preset-id-on-first-request-only"
            "the id that the user gave is in the first request only",
        PresetIdSentForEver "preset-id-sent-for-ever"
            "the id that the user gave is in every request, whatever the stream says",
        IdLostOnASilentConnection "id-lost-on-a-silent-connection"
            "a connection that ends before its first blank line clears the last event id",
        IdLostOnAFailedAttempt "id-lost-on-a-failed-attempt"
            "an attempt that gets no response clears the last event id",
        IdCommittedAtItsLine "id-committed-at-its-line"
            "an id takes effect when its line ends, not at the blank line",
        IdBufferFreshOnEachConnection "id-buffer-fresh-on-each-connection"
            "the id buffer of a new connection is empty, so its first blank line resets the id \
             (the second outcome of an observed case)",
        UnsendableIdIsFinal "unsendable-id-is-final"
            "an id with control characters or with blanks around it ends the stream when the \
             client would reconnect",
        NulIdCut "nul-id-cut"
            "an id with NUL is cut at the NUL",
        ValueEndsAtSecondColon "value-ends-at-second-colon"
            "a value ends at the next colon",
    }
    Status {
        Any2xxOpens "any-2xx-opens"
            "every status from 200 to 299 opens the stream",
        StatusIgnored "status-ignored"
            "every final status opens the stream",
        ClientErrorsRetried "client-errors-retried"
            "a status from 400 to 499 leads to a new attempt",
        ServerErrorsRetried "server-errors-retried"
            "a status from 500 to 599 leads to a new attempt",
        NoContentRetried "no-content-retried"
            "204 leads to a new attempt",
        RetryAfterHonoured "retry-after-honoured"
            "a failure with `Retry-After` leads to a new attempt after that time",
        StatusCheckedAtFirstOnly "status-checked-at-first-only"
            "once the stream has been open every status opens it",
        ReconnectionErrorsRetried "reconnection-errors-retried"
            "once the stream has been open every other status than 200 leads to a new attempt",
        RetriesAnyFailureAfterANetworkError "retries-any-failure-after-a-network-error"
            "after an attempt without a response every other status than 200 leads to a new \
             attempt",
        StatusUncheckedAfterRedirect "status-unchecked-after-redirect"
            "behind a redirect every status opens the stream",
    }
    MediaType {
        MissingTypeAccepted "missing-type-accepted"
            "a response without `Content-Type`, or with an empty one, opens the stream",
        TypeNotChecked "type-not-checked"
            "every media type opens the stream",
        AnyTextTypeAccepted "any-text-type-accepted"
            "every media type that begins with `text/` opens the stream",
        UnreadableTypeAccepted "unreadable-type-accepted"
            "a `Content-Type` that holds something, but no media type, opens the stream",
        TypeMatchedByPrefix "type-matched-by-prefix"
            "a `Content-Type` that begins with `text/event-stream` opens the stream",
        TypeMatchedBySubstring "type-matched-by-substring"
            "a `Content-Type` that contains `text/event-stream` opens the stream",
        SubtypeAloneCompared "subtype-alone-compared"
            "every media type whose subtype is `event-stream` opens the stream",
        FirstOfSeveralTypesCounts "first-of-several-types-counts"
            "of several media types the first one counts",
        RepeatedTypeRefused "repeated-type-refused"
            "two `Content-Type` lines fail the connection",
        TypeCaseCounts "type-case-counts"
            "the media type is compared with its case",
        TypeComparedWithItsParameters "type-compared-with-its-parameters"
            "the whole `Content-Type` must be `text/event-stream`",
        MalformedParametersRefused "malformed-parameters-refused"
            "a parameter that is no `name=value` fails the connection",
        BlankAfterTheTypeKept "blank-after-the-type-kept"
            "a blank before the first semicolon is part of the media type",
        CharsetChecked "charset-checked"
            "a charset that is not written `utf-8` fails the connection",
        CharsetHonoured "charset-honoured"
            "a body of another charset is decoded as UTF-16, or else as ISO 8859-1",
        TypeCheckedAtFirstOnly "type-checked-at-first-only"
            "once the stream has been open every media type opens it",
        WrongTypeRetried "wrong-type-retried"
            "a wrong media type leads to a new attempt",
        TypeUncheckedAfterRedirect "type-unchecked-after-redirect"
            "behind a redirect every media type opens the stream",
    }
    Redirect {
        RedirectsNotFollowed "redirects-not-followed"
            "redirects fail the connection",
        Redirect303NotFollowed "redirect-303-not-followed"
            "303 fails the connection",
        Redirect307NotFollowed "redirect-307-not-followed"
            "307 fails the connection",
        Redirect308NotFollowed "redirect-308-not-followed"
            "308 fails the connection",
        Redirect300Followed "redirect-300-followed"
            "300 is followed like 302",
        EmptyLocationNotFollowed "empty-location-not-followed"
            "an empty `Location` is treated as a missing one, not as the address of the request",
        RelativeLocationRefused "relative-location-refused"
            "a `Location` without a scheme fails the connection",
        LocationResolvedAgainstTheRoot "location-resolved-against-the-root"
            "a relative `Location` is taken as a path from the root of the server",
        LocationResolvedAgainstTheFirstUrl "location-resolved-against-the-first-url"
            "a relative `Location` is resolved against the URL of the user",
        DotSegmentsKept "dot-segments-kept"
            "`.` and `..` in a `Location` go out as they are",
        QueryLocationDropsThePath "query-location-drops-the-path"
            "a `Location` that is a query alone goes to the root of the server",
        RedirectCarriesTheQuery "redirect-carries-the-query"
            "a `Location` without a query takes over the one of the request before",
        LocationUnescaped "location-unescaped"
            "percent escapes in a `Location` are undone, but for blanks",
        RedirectLimitOfTen "redirect-limit-of-ten"
            "the eleventh redirect in a row fails the connection",
        RedirectLimitOfOne "redirect-limit-of-one"
            "the second redirect in a row fails the connection",
        RedirectBodyParsed "redirect-body-parsed"
            "the body of a redirect is read as part of the stream",
        RedirectWithoutLocationRetried "redirect-without-location-retried"
            "a redirect without `Location` leads to a new attempt",
        RedirectAlwaysBecomesGet "redirect-always-becomes-get"
            "every redirect turns a POST into a GET without a body",
        RedirectDropsTheBody "redirect-drops-the-body"
            "a redirect that keeps POST loses the body",
        RedirectKeepsPost "redirect-keeps-post"
            "301, 302 and 303 keep POST and its body",
        RedirectKeepsContentType "redirect-keeps-content-type"
            "a POST that becomes a GET keeps its `Content-Type`",
        RedirectDropsUserHeaders "redirect-drops-user-headers"
            "behind a redirect the user's headers are left out",
        RedirectDropsLastEventId "redirect-drops-last-event-id"
            "behind a redirect `Last-Event-ID` is left out",
        NoReconnectionAfterRedirect "no-reconnection-after-redirect"
            "a stream that was found by a redirect is not reconnected",
        RedirectStaysAtItsOrigin "redirect-stays-at-its-origin"
            "of an absolute `Location` only path and query count",
        RedirectToAnotherOriginRefused "redirect-to-another-origin-refused"
            "a redirect to another origin ends the stream",
        AuthorizationCrossesOrigins "authorization-crosses-origins"
            "sends the user's `Authorization` to another origin that a redirect leads to",
        CookieHeaderCrossesOrigins "cookie-header-crosses-origins"
            "sends the user's `Cookie` header to another origin that a redirect leads to",
        UserHeadersStayAtTheirOrigin "user-headers-stay-at-their-origin"
            "sends none of the user's headers to another origin (which is right as well)",
        LastEventIdStaysAtItsOrigin "last-event-id-stays-at-its-origin"
            "does not send `Last-Event-ID` to another origin (which is right as well)",
        ReconnectsWhereRedirected "reconnects-where-redirected"
            "reconnects to the URL that a redirect led to, with all of the user's headers",
        ReconnectsWhereMovedForGood "reconnects-where-moved-for-good"
            "the same, after 301 and 308 only",
    }
    Cors {
        CorsNotChecked "cors-not-checked"
            "reads streams of other origins, whoever they are shared with",
        CorsCheckedAtFirstOnly "cors-checked-at-first-only"
            "does not check on reconnections whether the stream is shared",
        CorsUncheckedAfterRedirect "cors-unchecked-after-redirect"
            "does not check whether what a redirect led to is shared",
        CorsUncheckedOnRedirects "cors-unchecked-on-redirects"
            "follows redirects that are not shared themselves",
        CorsWildcardRefused "cors-wildcard-refused"
            "`*` is no origin that it knows",
        CorsWildcardWithCredentials "cors-wildcard-with-credentials"
            "`*` will do with credentials too",
        CorsOriginContained "cors-origin-contained"
            "`Access-Control-Allow-Origin` need only contain the page's origin",
        CorsCredentialsRefused "cors-credentials-refused"
            "with credentials no stream of another origin opens",
        CorsCredentialsUnasked "cors-credentials-unasked"
            "with credentials no `Access-Control-Allow-Credentials` is needed",
        CorsTrueInAnyCase "cors-true-in-any-case"
            "takes any capitals in `Access-Control-Allow-Credentials: true`",
        CredentialsAlways "credentials-always"
            "sends and keeps the cookies of other origins, asked to or not",
        CredentialsNever "credentials-never"
            "keeps no cookies",
        OriginNotSent "origin-not-sent"
            "sends no `Origin`",
        RedirectKeepsTheOrigin "redirect-keeps-the-origin"
            "names the page in `Origin` where one foreign server has sent it to another",
        EventOriginOfTheFirstUrl "event-origin-of-the-first-url"
            "reports the origin of the first URL as that of its events, not of the last one",
        PreflightForAnyId "preflight-for-any-id"
            "sends a preflight before each cross-origin request with a `Last-Event-ID`",
        PreflightForUnsafeIds "preflight-for-unsafe-ids"
            "sends a preflight before a cross-origin request with a `Last-Event-ID` of over 128 \
             bytes, or with `<` in it (which is right as well)",
    }
    Head {
        InterimResponseIsTheResponse "interim-response-is-the-response"
            "a 1xx response is taken for the final one",
        OneInterimResponseOnly "one-interim-response-only"
            "only one 1xx response is passed over",
        ReasonPhraseRequired "reason-phrase-required"
            "a status line without a reason phrase is malformed, which is final",
        ReasonPhraseDecides "reason-phrase-decides"
            "200 opens the stream only with the phrase `OK`",
        HeadInOneRead "head-in-one-read"
            "a head that does not arrive in one read is malformed, which is final",
        BytesBehindTheHeadDropped "bytes-behind-the-head-dropped"
            "bytes of the body that arrive in the same read as the head are lost",
        HeaderNamesCaseCounts "header-names-case-counts"
            "response headers are looked up by their lower-case names only",
        HttpOnePointZeroRefused "http-one-point-zero-refused"
            "a response of HTTP/1.0 fails the connection",
        CloseDelimitedBodyRefused "close-delimited-body-refused"
            "a response with neither a length nor chunks fails the connection",
        DeadIdleConnectionIsFinal "dead-idle-connection-is-final"
            "the next request goes out on the connection of a complete response; if that is dead, \
             the stream ends",
    }
    Framing {
        ChunkFramingInTheBody "chunk-framing-in-the-body"
            "chunk sizes and the line ends around chunks are read as part of the stream",
        ChunkExtensionBreaksTheSize "chunk-extension-breaks-the-size"
            "a chunk size with an extension is malformed",
        ChunkSizeDecimal "chunk-size-decimal"
            "chunk sizes are read as decimal numbers",
        ChunkSizeInLowerCaseOnly "chunk-size-in-lower-case-only"
            "capital letters in a chunk size are malformed",
        ChunkSizeCutAtReadEnd "chunk-size-cut-at-read-end"
            "what a read holds of an unfinished chunk size is forgotten at its end",
        ChunkCutAtReadEnd "chunk-cut-at-read-end"
            "the end of a read ends the chunk; a chunk size is expected next",
        LeadingZeroEndsTheBody "leading-zero-ends-the-body"
            "a chunk size that begins with 0 is the last chunk",
        OneChunkPerRead "one-chunk-per-read"
            "of the chunks that one read holds only the first is handed on",
        MalformedChunkIsBody "malformed-chunk-is-body"
            "after a malformed chunk size all that follows is read as the stream",
        TrailersInTheBody "trailers-in-the-body"
            "trailers are read as part of the stream",
        TrailersNotExpected "trailers-not-expected"
            "trailers end the stream",
        BytesAfterTheBodyRead "bytes-after-the-body-read"
            "what follows the end of the body on its connection is read as more of it",
        BytesAfterTheBodyAreAnError "bytes-after-the-body-are-an-error"
            "bytes behind the end of the body end the stream",
        BodyEndsWithTheConnectionOnly "body-ends-with-the-connection-only"
            "the last chunk is not taken for the end of the body",
        ContentLengthIgnored "content-length-ignored"
            "a body with a `Content-Length` ends with the connection",
        EventsBeforeTheEndDropped "events-before-the-end-dropped"
            "the events of the read that brings the end of the body are lost",
        BodyReadToItsEndFirst "body-read-to-its-end-first"
            "the body is parsed when it has ended",
    }
    Coding {
        AcceptEncodingMissing "accept-encoding-missing"
            "asks for no content coding",
        PragmaBesideCacheControl "pragma-beside-cache-control"
            "sends `Pragma: no-cache` beside `Cache-Control` (which is right as well)",
        CodingNotUndone "coding-not-undone"
            "asks for content codings, and takes the coded bytes for the body",
        CodingUndoneAtFirstOnly "coding-undone-at-first-only"
            "undoes the content coding on the first connection only",
        CodingNamesCaseCounts "coding-names-case-counts"
            "knows the names of content codings in lower case only",
        DeflateTakenRaw "deflate-taken-raw"
            "takes `deflate` for DEFLATE without the zlib format around it",
        CodingUndoneAtTheEnd "coding-undone-at-the-end"
            "undoes a content coding when the body has ended",
        CodingUndoneByBlocks "coding-undone-by-blocks"
            "undoes a content coding when 4096 coded bytes have come, or the body has ended",
        CodingRoomOf8Kibibytes "coding-room-of-8-kibibytes"
            "of what one read decodes to, what lies beyond 8192 bytes is lost",
        NothingDecodedIsTheEnd "nothing-decoded-is-the-end"
            "a read that decodes to nothing is taken for the end of the body",
        UnfinishedCodingIsFinal "unfinished-coding-is-final"
            "a body that ends before its content coding does ends the stream",
        MalformedCodingIsFinal "malformed-coding-is-final"
            "what is malformed in a coded body ends the stream",
        OldCodingNameUnknown "old-coding-name-unknown"
            "does not know that `x-gzip` is gzip",
        IdentityRefused "identity-refused"
            "a `Content-Encoding` of `identity` ends the stream",
        UnknownCodingIsFinal "unknown-coding-is-final"
            "a content coding that it does not know ends the stream",
        InflationIsFinal "inflation-is-final"
            "a read that decodes to more than a MiB ends the stream",
        CodingStateSurvivesReconnection "coding-state-survives-reconnection"
            "goes on with the decoder of the connection before",
    }
    Loss {
        CleanEndIsFinal "clean-end-is-final"
            "the clean end of a body closes the stream",
        EventlessStreamIsFinal "eventless-stream-is-final"
            "a connection that ends without an event closes the stream",
        EmptyBodyIsFailure "empty-body-is-failure"
            "a 200 with an empty body fails the connection",
        FirstAttemptIsTheOnlyOne "first-attempt-is-the-only-one"
            "a network error before the stream was ever open is final",
        NetworkErrorIsFinal "network-error-is-final"
            "every network error is final",
        ResetInTheBodyIsFinal "reset-in-the-body-is-final"
            "a reset of the TCP connection inside the body is final",
        HalfAHeadIsFinal "half-a-head-is-final"
            "a connection that ends inside the response head is final",
        CutBodyIsFinal "cut-body-is-final"
            "a connection that ends inside the body, and a malformed chunk, are final",
        GivesUpAfterTwoFailures "gives-up-after-two-failures"
            "the second attempt in a row without a response is final",
        ReconnectsOnceOnly "reconnects-once-only"
            "there is one reconnection, and no second one",
        ReconnectsTwice "reconnects-twice"
            "after a loss the request goes out twice, and one of the answers is thrown away",
        LossDispatchesPending "loss-dispatches-pending"
            "when the connection is lost, an unfinished block with data is dispatched",
        ReadTimeoutIgnored "read-timeout-ignored"
            "the read timeout is not heeded",
        ReadTimeoutIsFinal "read-timeout-is-final"
            "the read timeout ends the stream",
        CommentsDoNotCountAsLife "comments-do-not-count-as-life"
            "only events restart the read timeout",
        BlankLinesDoNotCountAsLife "blank-lines-do-not-count-as-life"
            "blank lines do not restart the read timeout",
        PartsOfALineDoNotCountAsLife "parts-of-a-line-do-not-count-as-life"
            "only the end of a line restarts the read timeout",
        SlowBodyGivenUp "slow-body-given-up"
            "a connection that has brought fewer than 20 bytes after a second is given up",
        ConnectionKeptAfterTimeout "connection-kept-after-timeout"
            "the connection that the read timeout gave up stays open beside the next one",
        GivesUpAfterTenLosses "gives-up-after-ten-losses"
            "the eleventh loss of a connection is final",
        H2ResetIsFinal "h2-reset-is-final"
            "RST_STREAM ends the stream",
        H2ResetOverlooked "h2-reset-overlooked"
            "RST_STREAM is not noticed",
        GoawayIsFinal "goaway-is-final"
            "GOAWAY ends the stream",
        H2EmptyLastFrameMissed "h2-empty-last-frame-missed"
            "END_STREAM on a DATA frame without data is not noticed",
    }
    Delay {
        RetryIgnored "retry-ignored"
            "`retry` is an unknown field",
        CleanEndReconnectsAtOnce "clean-end-reconnects-at-once"
            "there is no wait after a clean end",
        NetworkErrorReconnectsAtOnce "network-error-reconnects-at-once"
            "there is no wait when a connection was lost inside the body",
        FailedAttemptRepeatedAtOnce "failed-attempt-repeated-at-once"
            "there is no wait after an attempt without a response",
        RetryForgottenOnTheNextConnection "retry-forgotten-on-the-next-connection"
            "a reconnection that opens the stream puts the time back to the default",
        RetryForgottenOnAFailedAttempt "retry-forgotten-on-a-failed-attempt"
            "an attempt without a response puts the time back to the default",
        ShortestRetryWins "shortest-retry-wins"
            "a `retry` counts only if it is shorter than the one before",
        RetryNeedsData "retry-needs-data"
            "a `retry` counts only if its block has had data before it",
        RetryAcceptsSigns "retry-accepts-signs"
            "a sign before the digits is accepted, and less than 0 is 0",
        RetryTrimmed "retry-trimmed"
            "white space around the value of `retry` is dropped",
        TrimsATabAfterTheColon "trims-a-tab-after-the-colon"
            "one tab after the colon is dropped as one space is",
        RetryZeroMeansNever "retry-zero-means-never"
            "`retry: 0` turns reconnection off",
        RetryZeroEndsStream "retry-zero-ends-stream"
            "`retry: 0` ends the stream",
        RetryOverflowEndsStream "retry-overflow-ends-stream"
            "a `retry` of more than 64 bits ends the stream",
        RetryOverflowsTheTimer "retry-overflows-the-timer"
            "a time beyond 31 bits is no wait at all",
        RetryWrapsAt64Bits "retry-wraps-at-64-bits"
            "the value is taken modulo 2^64",
    }
    Carry {
        EofEndsLine "eof-ends-line"
            "at the end of the body the unfinished line is handled as a line; the block is \
             dropped",
        BlockSurvivesReconnection "block-survives-reconnection"
            "an unfinished block is continued by the next connection",
        LineSurvivesReconnection "line-survives-reconnection"
            "an unfinished line is continued by the next connection",
        DecoderSurvivesReconnection "decoder-survives-reconnection"
            "an unfinished character is continued by the next connection",
        BomOncePerClient "bom-once-per-client"
            "a byte order mark is dropped on the first connection only",
        TypeSurvivesReconnection "type-survives-reconnection"
            "the type of an unfinished block is kept for the next connection",
    }
    Report {
        NeverOpens "never-opens"
            "the opening of the stream is not announced",
        OpensAtTheFirstBytes "opens-at-the-first-bytes"
            "the opening is announced when the first bytes of the body arrive",
        OpenedOnceOnly "opened-once-only"
            "only the first opening is announced",
        OpensAtEachEvent "opens-at-each-event"
            "the opening is announced again before each event",
        OpensAtAnyResponse "opens-at-any-response"
            "a redirect is announced as an opening",
        OpensBeforeTheStatusIsRead "opens-before-the-status-is-read"
            "the opening is announced whatever the status",
        FailureNotReported "failure-not-reported"
            "a failed connection is not reported as an error",
        FailureReportedTwice "failure-reported-twice"
            "a failed connection is reported as two errors",
        FailureReportedAsPassing "failure-reported-as-passing"
            "a failed connection is reported as an error that is not fatal",
        LossNotReported "loss-not-reported"
            "a lost connection is not reported",
        LossReportedAsFatal "loss-reported-as-fatal"
            "a lost connection is reported as fatal, and yet reconnected",
        LossReportedTwice "loss-reported-twice"
            "a lost connection is reported as two errors",
    }
    Close {
        CloseGoesOnDelivering "close-goes-on-delivering"
            "events that arrive after `close` are delivered",
        CloseDispatchesPending "close-dispatches-pending"
            "an unfinished block with data is dispatched after `close`",
        CloseGoesOnReconnecting "close-goes-on-reconnecting"
            "the loss of a connection after `close` leads to a new request",
        CloseKeepsTheConnection "close-keeps-the-connection"
            "`close` ends all reports, and the connection stays open",
        CloseNotAcknowledged "close-not-acknowledged"
            "the first `close` is obeyed, but not answered",
        CloseWhileConnectingForgotten "close-while-connecting-forgotten"
            "a `close` before the response has come is answered, and forgotten",
        CloseLeavesTheTimerRunning "close-leaves-the-timer-running"
            "a `close` during the wait is answered, and the reconnection takes place",
        CloseReachesFirstConnectionOnly "close-reaches-first-connection-only"
            "a `close` after a reconnection is answered, and the stream goes on",
    }
    Restart {
        RestartIgnored "restart-ignored"
            "`restart` does nothing",
        RestartIsFinal "restart-is-final"
            "`restart` drops the connection, and there is no next one",
        RestartForgetsTheId "restart-forgets-the-id"
            "after `restart` the stream begins anew, without the id of the last event",
        RestartDispatchesPending "restart-dispatches-pending"
            "an unfinished block with data is dispatched at `restart`",
    }
    Streams {
        HundredStreamsAtMost "hundred-streams-at-most"
            "a hundred streams are open at once, and the next one waits until one of them is closed",
    }
    Tls {
        CertificateIssuerUnchecked "certificate-issuer-unchecked"
            "a certificate from an unknown issuer is accepted",
        CertificateNameUnchecked "certificate-name-unchecked"
            "a certificate for another host is accepted",
        CertificateDatesUnchecked "certificate-dates-unchecked"
            "a certificate whose time is over is accepted",
    }
}
