//! Defects as data: an enum, its names and its descriptions from one table.

/// Makes the enum of defects, its names and its descriptions from one table.
macro_rules! named_defects {
    ($what:literal $name:ident: $($variant:ident $text_name:literal $text:literal,)*) => {
        #[doc = $what]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each variant is described by the table it comes from")]
        pub enum $name { $($variant,)* }

        impl $name {
            /// All defects, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name, as scenarios cite it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text_name,)* }
            }

            /// What the mutant does, in place of what it should.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The defect of this name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|defect| defect.name() == name)
            }
        }
    };
}

pub(crate) use named_defects;
