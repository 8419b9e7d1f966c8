//! Enums that people and programs read by `kind`, and nodes by number.
//!
//! JSON wants `{"kind": "agent_started", "name": "x"}`. The wire format says nothing of itself, so
//! it cannot hold that form: there, a variant is its number, then its fields.

/// Defines an enum and both spellings of it; its name comes first, as text.
///
/// Attributes of a variant or a field come in this order: documentation, `ts`, `serde`.
macro_rules! spelled_by_kind {
    (
        $itself:literal;
        $( #[$meta:meta] )*
        pub enum $name:ident {
            $(
                $( #[doc = $doc:literal] )*
                $variant:ident $( {
                    $(
                        $( #[doc = $field_doc:literal] )*
                        $( #[ts $ts:tt] )?
                        $( #[serde $serde:tt] )?
                        $field:ident: $type:ty
                    ),+ $(,)?
                } )?
            ),+ $(,)?
        }
    ) => {
        $( #[$meta] )*
        pub enum $name {
            $(
                $( #[doc = $doc] )*
                $variant $( {
                    $( $( #[doc = $field_doc] )* $( #[ts $ts] )? $field: $type ),+
                } )?
            ),+
        }

        const _: () = {
            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(remote = $itself, rename_all = "snake_case", tag = "kind")]
            enum ByKind {
                $( $variant $( { $( $( #[serde $serde] )? $field: $type ),+ } )? ),+
            }

            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(remote = $itself)]
            enum ByNumber {
                $( $variant $( { $( $field: $type ),+ } )? ),+
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    if to.is_human_readable() {
                        ByKind::serialize(self, to)
                    } else {
                        ByNumber::serialize(self, to)
                    }
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    if from.is_human_readable() {
                        ByKind::deserialize(from)
                    } else {
                        ByNumber::deserialize(from)
                    }
                }
            }
        };
    };
}

pub(crate) use spelled_by_kind;

#[cfg(test)]
mod tests {
    use crate::{
        agent::{ExitReason, Phase, Runtime},
        event::Fact,
        ids::{Name, NodeId},
        wire::{decode, encode},
    };

    #[test]
    fn json_tells_the_kind_beside_the_fields() {
        let fact = Fact::MemberUp { node: NodeId([1; 32]) };

        let json = serde_json::to_value(&fact).unwrap();

        assert_eq!(json["kind"], "member_up");
        assert_eq!(json["node"], NodeId([1; 32]).to_string());
        assert_eq!(serde_json::from_value::<Fact>(json).unwrap(), fact);
    }

    #[test]
    fn json_may_leave_out_what_has_a_default() {
        let json = r#"{"kind": "process", "command": ["sh"]}"#;

        let runtime: Runtime = serde_json::from_str(json).unwrap();

        assert!(matches!(runtime, Runtime::Process { files, .. } if files.is_empty()));
    }

    #[test]
    fn wire_keeps_every_field() {
        let fact = Fact::AgentExited {
            name: Name::new("greeter").unwrap(),
            reason: ExitReason::OverMemory { used_mib: 300, limit_mib: 200 },
            next: Phase::BackingOff,
        };

        assert_eq!(decode::<Fact>(&encode(&fact)), Ok(fact));
        assert_eq!(decode::<ExitReason>(&encode(&ExitReason::Stopped)), Ok(ExitReason::Stopped));
    }
}
