//! Crops: the parts of a picture that its descriptor covers.

/// What the network sees of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Crops {
    /// All of it, squashed, like Keras does.
    #[default]
    Whole,
    /// Corners and centre, each 224 x 224, of the picture resized to a shorter side of 256. The descriptor is the mean
    /// of theirs; VGG's authors call it multi-crop evaluation (Simonyan and Zisserman, 2015, arXiv:1409.1556, section
    /// 3.2).
    Five,
}

impl Crops {
    pub const ALL: [Crops; 2] = [Crops::Whole, Crops::Five];

    /// The number of crops.
    pub fn count(self) -> usize {
        match self {
            Crops::Whole => 1,
            Crops::Five => 5,
        }
    }

    /// How pictures are prepared for the network; part of the identifier of descriptors.
    pub fn name(self) -> &'static str {
        match self {
            Crops::Whole => "nearest 224 x 224",
            Crops::Five => "mean of 5 crops of nearest 256",
        }
    }
}
