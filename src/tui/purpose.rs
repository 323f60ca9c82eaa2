//! What a typed line of text is for.

/// The purpose of typed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Filter,
    OpenFile,
    Write,
    WriteJoin,
    WriteMarks,
    /// The paths of a tab's pictures.
    WriteTab,
    /// The folder to copy pictures to.
    CopyInto,
}
