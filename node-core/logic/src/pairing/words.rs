//! The words of a pairing code.
//!
//! Everyday words of four to six letters. No two share their first three letters or differ by one
//! letter alone, so that a word half heard in a noisy room is still told from the others.

/// One word for each value of a byte.
pub(super) const WORDS: [&str; 256] = [
    "actor", "album", "alpha", "amber", "april", "arch", "arena", "armor", "arrow", "attic",
    "azure", "badge", "baker", "banjo", "barrel", "beach", "bishop", "border", "branch", "brush",
    "bubble", "bucket", "butter", "cactus", "canal", "carbon", "castle", "cinema", "circle",
    "cobalt", "cocoa", "comet", "coral", "cradle", "cumin", "daisy", "dawn", "decade", "deer",
    "delta", "denim", "diesel", "dinner", "donkey", "dragon", "drum", "dune", "eagle", "earth",
    "easel", "eight", "elbow", "elder", "empire", "engine", "envoy", "epoch", "equal", "essay",
    "family", "fern", "fiber", "field", "fifty", "finch", "flag", "flint", "flute", "forest",
    "fossil", "frost", "garden", "gate", "gentle", "geyser", "ginger", "globe", "goat", "golden",
    "goose", "gopher", "grain", "guitar", "hamlet", "harbor", "hazel", "helmet", "herald",
    "hiking", "hinge", "honey", "horse", "hotel", "humor", "hunter", "icicle", "igloo", "indigo",
    "insect", "iris", "iron", "island", "ivory", "jaguar", "jelly", "jersey", "jewel", "jigsaw",
    "jockey", "joker", "judge", "juice", "jumbo", "jungle", "jury", "kayak", "kernel", "kettle",
    "king", "kiosk", "kitten", "kiwi", "koala", "ladder", "laser", "lawyer", "leaf", "lemon",
    "letter", "lilac", "lime", "lion", "llama", "lotus", "lyric", "magnet", "marble", "medal",
    "melon", "mentor", "meteor", "mint", "mirror", "mosaic", "motor", "muffin", "museum", "napkin",
    "nation", "nectar", "needle", "nephew", "nickel", "ninety", "noble", "nomad", "north", "novel",
    "nutmeg", "oboe", "ocean", "octave", "office", "olive", "onion", "opal", "orange", "orchid",
    "otter", "oxide", "oyster", "panda", "paper", "pasta", "pebble", "piano", "pillow", "pirate",
    "planet", "pond", "poppy", "potato", "prism", "quail", "queen", "quick", "quota", "rabbit",
    "radar", "raven", "ribbon", "robin", "rodeo", "rover", "ruby", "ruler", "rustic", "salad",
    "sandal", "school", "senior", "seven", "silver", "sketch", "stable", "stone", "studio",
    "summit", "syrup", "teapot", "temple", "tennis", "ticket", "tiger", "timber", "tomato",
    "topaz", "tulip", "tunnel", "turtle", "tuxedo", "ultra", "uncle", "urban", "usher", "utopia",
    "valley", "vapor", "velvet", "verse", "vessel", "violin", "vivid", "vocal", "voyage", "waffle",
    "wagon", "walnut", "water", "whale", "wheat", "window", "wolf", "wonder", "woolen", "yacht",
    "yarn", "yellow", "yogurt", "young", "zebra", "zenith", "zero", "zigzag", "zinc", "zodiac",
];
