//! A picture as codecs give it: luma, and colour at the same or half the width and height.

/// Samples of a picture, row by row.
pub struct Planes {
    pub width: usize,
    pub height: usize,
    /// Bits of a sample.
    pub depth: u8,
    pub luma: Vec<u16>,
    /// None: it is grey.
    pub chroma: Option<Chroma>,
    pub colours: Colours,
}

/// What colours are to be made of samples: numbers of ITU-T H.273.
#[derive(Clone, Copy)]
pub struct Colours {
    pub matrix: u16,
    pub is_full_range: bool,
}

#[derive(Clone)]
pub struct Chroma {
    /// Pixels that share a sample, across and down: 1 or 2.
    pub across: usize,
    pub down: usize,
    pub width: usize,
    pub blue: Vec<u16>,
    pub red: Vec<u16>,
}

impl Planes {
    /// Of `width` x `height` pixels without any content, like `tile`.
    pub fn blank(width: usize, height: usize, tile: &Planes) -> Planes {
        let chroma = tile.chroma.as_ref().map(|tile| {
            let (across, down) = (tile.across, tile.down);
            let samples = vec![0; width.div_ceil(across) * height.div_ceil(down)];
            Chroma { across, down, width: width.div_ceil(across), blue: samples.clone(), red: samples }
        });
        Planes { width, height, depth: tile.depth, luma: vec![0; width * height], chroma, colours: tile.colours }
    }

    /// Whether no sample is missing.
    pub fn is_whole(&self) -> bool {
        let is_whole = |samples: &[u16], width: usize, height: usize| samples.len() >= width * height;
        let is_coloured = |chroma: &Chroma| {
            let height = self.height.div_ceil(chroma.down);
            matches!((chroma.across, chroma.down), (1 | 2, 1 | 2))
                && chroma.width >= self.width.div_ceil(chroma.across)
                && [&chroma.blue, &chroma.red].iter().all(|samples| is_whole(samples, chroma.width, height))
        };
        let is_known = (8..=16).contains(&self.depth) && self.width > 0 && self.height > 0;
        is_known && is_whole(&self.luma, self.width, self.height) && self.chroma.as_ref().is_none_or(is_coloured)
    }

    /// Whether the other has the same kinds of samples.
    pub fn is_like(&self, other: &Planes) -> bool {
        let sampling = |planes: &Planes| planes.chroma.as_ref().map(|chroma| (chroma.across, chroma.down));
        self.depth == other.depth && sampling(self) == sampling(other)
    }

    /// Whether a tile may begin at this pixel: a sample of colour is of one tile only.
    pub fn is_between_samples(&self, x: usize, y: usize) -> bool {
        self.chroma.as_ref().is_none_or(|chroma| x.is_multiple_of(chroma.across) && y.is_multiple_of(chroma.down))
    }

    /// The left upper pixels of `tile` at (x, y), as far as both reach.
    pub fn paste(&mut self, tile: &Planes, (width, height): (usize, usize), (x, y): (usize, usize)) {
        let width = width.min(self.width.saturating_sub(x));
        let height = height.min(self.height.saturating_sub(y));
        copy(&mut self.luma, self.width, &tile.luma, tile.width, (width, height), (x, y));
        if let (Some(to), Some(from)) = (&mut self.chroma, &tile.chroma) {
            let size = (width.div_ceil(to.across), height.div_ceil(to.down));
            let at = (x / to.across, y / to.down);
            copy(&mut to.blue, to.width, &from.blue, from.width, size, at);
            copy(&mut to.red, to.width, &from.red, from.width, size, at);
        }
    }

    /// Its left upper part.
    pub fn cropped(self, width: usize, height: usize) -> Planes {
        if (width, height) == (self.width, self.height) {
            return self;
        }
        let mut part = Planes::blank(width, height, &self);
        part.paste(&self, (width, height), (0, 0));
        part
    }
}

fn copy(to: &mut [u16], to_width: usize, from: &[u16], from_width: usize, size: (usize, usize), at: (usize, usize)) {
    let (width, height) = size;
    let rows = to.chunks_exact_mut(to_width).skip(at.1).zip(from.chunks_exact(from_width));
    for (to, from) in rows.take(height) {
        to[at.0..at.0 + width].copy_from_slice(&from[..width]);
    }
}
