//! The defects that a mutant can have, by name: what each does wrong, and where it bites.

/// Makes the enum of defects, its names and its descriptions from one table.
macro_rules! defects {
    ($($place:ident { $($variant:ident $name:literal $text:literal,)* })*) => {
        /// A defect. The name says it in short, the description in full.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each variant is described by the table it comes from")]
        pub enum Defect { $($($variant,)*)* }

        impl Defect {
            /// All defects, in the order of the table.
            pub const ALL: &[Self] = &[$($(Self::$variant,)*)*];

            /// The name, as scenarios cite it.
            pub fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)*)* }
            }

            /// What the client does, in place of what it should.
            pub fn description(self) -> &'static str {
                match self { $($(Self::$variant => $text,)*)* }
            }

            /// Where it bites.
            pub fn place(self) -> Place {
                match self { $($(Self::$variant => Place::$place,)*)* }
            }
        }
    };
}

mod table;

pub use table::Defect;

/// Where a defect bites: the part of the client that holds its switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Bytes become characters.
    Decode,
    /// Characters become lines.
    Line,
    /// Lines become fields and comments.
    Field,
    /// The `data` field.
    Data,
    /// The `event` field.
    EventType,
    /// The `id` field.
    Id,
    /// The `retry` field.
    Retry,
    /// Blocks become events, and events are delivered.
    Dispatch,
    /// What the request says.
    Request,
    /// What a reconnection says in `Last-Event-ID`.
    LastEventId,
    /// What the status of a response means.
    Status,
    /// What the media type of a response means.
    MediaType,
    /// Redirects.
    Redirect,
    /// The head of a response.
    Head,
    /// What browsers share between origins.
    Cors,
    /// How HTTP wraps the body.
    Framing,
    /// Content codings.
    Coding,
    /// What the loss of a connection leads to.
    Loss,
    /// The wait before a reconnection, and the `retry` values that set it.
    Delay,
    /// What the next connection takes over from the one before.
    Carry,
    /// What the client reports of its own state.
    Report,
    /// What `close` does.
    Close,
    /// What `restart` does.
    Restart,
    /// Streams that are open at the same time.
    Streams,
    /// Which certificates are accepted.
    Tls,
}

impl Place {
    /// All places, in the order of the table.
    pub const ALL: [Self; 25] = [
        Self::Decode,
        Self::Line,
        Self::Field,
        Self::Data,
        Self::EventType,
        Self::Id,
        Self::Retry,
        Self::Dispatch,
        Self::Request,
        Self::LastEventId,
        Self::Status,
        Self::MediaType,
        Self::Redirect,
        Self::Head,
        Self::Cors,
        Self::Framing,
        Self::Coding,
        Self::Loss,
        Self::Delay,
        Self::Carry,
        Self::Report,
        Self::Close,
        Self::Restart,
        Self::Streams,
        Self::Tls,
    ];

    /// What the place is called in the table.
    pub fn title(self) -> &'static str {
        match self {
            Self::Decode => "Decoding",
            Self::Line => "Lines",
            Self::Field => "Fields and comments",
            Self::Data => "Data",
            Self::EventType => "Event type",
            Self::Id => "Id",
            Self::Retry => "Retry",
            Self::Dispatch => "Dispatch",
            Self::Request => "Request",
            Self::LastEventId => "Last-Event-ID",
            Self::Status => "Status",
            Self::MediaType => "Media type",
            Self::Redirect => "Redirects",
            Self::Head => "Response head",
            Self::Cors => "Origins, and what browsers share between them",
            Self::Framing => "Framing of the body",
            Self::Coding => "Content codings",
            Self::Loss => "Loss of a connection",
            Self::Delay => "Reconnection time",
            Self::Carry => "From one connection to the next",
            Self::Report => "Reports of the state",
            Self::Close => "Close",
            Self::Restart => "Restart",
            Self::Streams => "Streams at the same time",
            Self::Tls => "TLS",
        }
    }
}

impl Defect {
    /// The defect of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|defect| defect.name() == name)
    }
}

/// The one defect that a client has, if it has one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Switch(pub Option<Defect>);

impl Switch {
    /// Whether the client has this defect.
    pub fn has(self, defect: Defect) -> bool {
        self.0 == Some(defect)
    }

    /// Whether the client has one of these defects.
    pub fn has_any(self, defects: &[Defect]) -> bool {
        self.0.is_some_and(|defect| defects.contains(&defect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_descriptions_fit_a_table() {
        for (index, defect) in Defect::ALL.iter().enumerate() {
            let name = defect.name();
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert_eq!(Defect::named(name), Some(Defect::ALL[index]), "{name} is there twice");
            let text = defect.description();
            assert!(!text.contains(['|', '\n']) && !text.contains("  "), "{name}: {text}");
        }
    }
}
