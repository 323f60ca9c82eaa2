//! A picture as codecs deliver it: luma, and colour at full or half the width and height.

/// Samples of a picture, row by row.
pub struct Planes {
    pub width: usize,
    pub height: usize,
    /// Bits per sample.
    pub depth: u8,
    pub luma: Vec<u16>,
    /// None for grey.
    pub chroma: Option<Chroma>,
    pub colours: Colours,
}

/// How to convert samples to colours: numbers of ITU-T H.273.
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
    /// An empty picture of `width` x `height` pixels with samples like those of `tile`.
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

    /// Whether the other one has the same kinds of samples.
    pub fn is_like(&self, other: &Planes) -> bool {
        let sampling = |planes: &Planes| planes.chroma.as_ref().map(|chroma| (chroma.across, chroma.down));
        self.depth == other.depth && sampling(self) == sampling(other)
    }

    /// Whether a tile may begin at this pixel: a colour sample can't belong to two tiles.
    pub fn is_between_samples(&self, x: usize, y: usize) -> bool {
        self.chroma.as_ref().is_none_or(|chroma| x.is_multiple_of(chroma.across) && y.is_multiple_of(chroma.down))
    }

    /// Copies `tile` to (x, y), cut off at its own and the picture's edges.
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

    /// Its upper left part.
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
