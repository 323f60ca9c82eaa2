//! What a line of text is typed for.

/// What one types is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Filter,
    OpenFile,
    Write,
    WriteJoin,
    WriteMarks,
    /// The paths of a tab's pictures.
    WriteTab,
    /// The folder that pictures are copied to.
    CopyInto,
}
