//! Which parts of a picture its descriptor is of.

/// What of a picture the network sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Crops {
    /// All of it, squashed, as Keras does.
    #[default]
    Whole,
    /// Its corners and its centre, each 224 x 224, of the picture resized to a shorter side of 256: the mean of their
    /// descriptors, which VGG's authors call multi-crop evaluation (Simonyan and Zisserman, 2015, arXiv:1409.1556,
    /// section 3.2).
    Five,
}

impl Crops {
    pub const ALL: [Crops; 2] = [Crops::Whole, Crops::Five];

    /// How many parts there are.
    pub fn count(self) -> usize {
        match self {
            Crops::Whole => 1,
            Crops::Five => 5,
        }
    }

    /// How pictures become what the network sees; part of what identifies descriptors.
    pub fn name(self) -> &'static str {
        match self {
            Crops::Whole => "nearest 224 x 224",
            Crops::Five => "mean of 5 crops of nearest 256",
        }
    }
}
