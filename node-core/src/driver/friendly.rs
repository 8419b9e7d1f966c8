//! What a node is called before a person names it.

use covey_logic::NodeId;

/// Two words drawn by the node's id, as in `amber-otter`: easy to say across a room, and the same
/// after every start.
pub(super) fn name_of(node: NodeId) -> String {
    let [first, second, ..] = node.0;
    let word = |list: &[&'static str; 32], byte: u8| {
        list.get(usize::from(byte % 32)).copied().unwrap_or_default()
    };
    format!("{}-{}", word(&QUALITIES, first), word(&ANIMALS, second))
}

const QUALITIES: [&str; 32] = [
    "amber", "azure", "bold", "brave", "bright", "calm", "clever", "coral", "crisp", "dapper",
    "eager", "early", "gentle", "golden", "hazel", "humble", "jolly", "keen", "lively", "lucky",
    "mellow", "merry", "misty", "noble", "olive", "quick", "quiet", "silver", "sunny", "swift",
    "tidy", "warm",
];

const ANIMALS: [&str; 32] = [
    "badger", "beaver", "bison", "crane", "curlew", "dolphin", "falcon", "ferret", "finch", "fox",
    "gecko", "hare", "heron", "ibis", "jay", "kestrel", "lark", "lynx", "marten", "mole", "newt",
    "otter", "owl", "plover", "puffin", "raven", "robin", "seal", "stork", "swan", "tern", "wren",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_follows_from_the_id() {
        let mut key = [9; 32];
        key[..2].copy_from_slice(&[0, 21]);

        assert_eq!(name_of(NodeId(key)), "amber-otter");
    }

    #[test]
    fn no_word_is_listed_twice() {
        for list in [QUALITIES, ANIMALS] {
            assert!(list.is_sorted_by(|a, b| a < b));
        }
    }
}
