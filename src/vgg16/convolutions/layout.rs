//! The layout of a chunk's values in the buffers.

/// Values between slabs, so that they don't all map to the same few cache lines.
const GAP: usize = 16;

/// Tiles are multiplied a *group* at a time.
#[derive(Clone, Copy)]
pub struct Layout {
    pub tiles: usize,
    pub channels: usize,
    pub points: usize,
    /// Tiles in a group; the last one may have fewer.
    pub group: usize,
    /// Transformed inputs are `[groups][points]` slabs of `[channels / 16][tiles in the group][16]`; the distance
    /// between slabs.
    pub slab: usize,
    /// Sums are `[panels][tiles]` of `[points][panel]`; the distance between tiles.
    pub stride: usize,
    /// The distance between the sums of two panels.
    all: usize,
}

impl Layout {
    /// `group`: the tiles in a group. `round`: sums have room for a multiple of this many tiles. `panel`: the outputs
    /// in a panel.
    pub fn new(tiles: usize, channels: usize, points: usize, group: usize, round: usize, panel: usize) -> Layout {
        let (slab, stride) = (group.min(tiles) * channels + GAP, points * panel + GAP);
        let all = tiles.next_multiple_of(round) * stride;
        Layout { tiles, channels, points, group, slab, stride, all }
    }

    pub fn groups(self) -> usize {
        self.tiles.div_ceil(self.group)
    }

    pub fn tiles_in(self, group: usize) -> usize {
        self.group.min(self.tiles - group * self.group)
    }

    /// Values of all transformed inputs.
    pub fn inputs(self) -> usize {
        self.groups() * self.points * self.slab
    }

    /// Values of the sums of some panels.
    pub fn sums(self, panels: usize) -> usize {
        panels * self.all
    }

    /// A group's inputs at a point.
    pub fn slab(self, inputs: &[f32], group: usize, point: usize) -> &[f32] {
        &inputs[(group * self.points + point) * self.slab..][..self.tiles_in(group) * self.channels]
    }

    /// The slabs of a tile's group, the group's number of tiles, and the tile's index in it.
    pub fn tile(self, inputs: &mut [f32], tile: usize) -> (&mut [f32], usize, usize) {
        let (group, tile) = (tile / self.group, tile % self.group);
        let len = self.points * self.slab;
        (&mut inputs[group * len..][..len], self.tiles_in(group), tile)
    }

    /// The sums of each panel.
    pub fn panels(self, sums: &mut [f32]) -> impl Iterator<Item = &mut [f32]> {
        sums.chunks_mut(self.all)
    }
}
