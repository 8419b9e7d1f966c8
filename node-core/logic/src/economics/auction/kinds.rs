//! The kinds of auctions: a kind is a file here, and a line in the list.

mod sealed;

pub use sealed::commitment;

use serde::{Deserialize, Serialize};

use crate::economics::auction::{Kind, Mechanism, Options, Refused};

macro_rules! kinds {
    ($($file:ident $variant:ident),+ $(,)?) => {
        $(mod $file;
        pub use $file::$variant;)+

        /// Every kind, in the order in which they are offered.
        pub const KINDS: &[Kind] = &[$($file::KIND),+];

        /// The rules of an auction, by its kind. Kinds are told apart by their place in the list, so
        /// new ones come last.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "each says in its own file what it is")]
        pub enum Rules {
            $($variant($variant)),+
        }

        impl Rules {
            /// Begins an auction of a kind that takes bids from `opened` until `closes`.
            ///
            /// # Errors
            ///
            /// See [`Mechanism::open`], and [`Refused::NoKind`].
            pub fn open(
                kind: &Kind,
                options: &Options,
                (opened, closes): (u64, u64),
            ) -> Result<Self, Refused> {
                $(if kind.name == $file::KIND.name {
                    return $variant::open(options, opened, closes).map(Self::$variant);
                })+
                Err(Refused::NoKind { kind: kind.name.to_owned() })
            }

            /// What they are.
            #[must_use]
            pub fn mechanism(&self) -> &dyn Mechanism {
                match self { $(Self::$variant(rules) => rules),+ }
            }

            /// What they are, to go on with.
            pub(super) fn mechanism_mut(&mut self) -> &mut dyn Mechanism {
                match self { $(Self::$variant(rules) => rules),+ }
            }
        }
    };
}

kinds! {
    english English,
    dutch Dutch,
    first_price FirstPrice,
    vickrey Vickrey,
}
