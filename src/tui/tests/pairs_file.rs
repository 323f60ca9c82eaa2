//! Pairs that a join has written, on the screens.

use std::path::Path;

use super::*;

/// The worker's message about an opened file.
pub fn opened(path: &Path) -> Msg {
    Msg::Opened(Ok(OpenedFile::Picture(OpenedPicture { path: path.to_owned(), part: None, id: None })))
}

fn names(app: &App) -> Vec<String> {
    let found = pairs(app).found().unwrap();
    let of = |at| found.get(at).map(|(key, others)| format!("{} {}", key.name, others[0].row.name));
    (0..found.len()).filter_map(of).collect()
}

#[test]
fn pairs_in_a_file_are_shown_as_those_of_a_join() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.csv");
    let text = "key,rank,file,value\nmammals_fox.jpg,1,gone.jpg,0.1\nmammals_fox.jpg,2,mammals_pig.jpg,0.25\n\
                mammals_pig.jpg,1,mammals_fox.jpg,0.25\nbirds_duck.jpg,1,birds_drake.jpg,0.5\n";
    std::fs::write(&path, text).unwrap();
    let mut app = app(120, 40);
    let tasks = app.update(opened(&path));
    answer(&mut app, &tasks);
    assert_eq!(
        (place(&app), names(&app)),
        (
            "Joined sets",
            vec!["mammals_fox.jpg mammals_pig.jpg", "birds_drake.jpg birds_duck.jpg"]
                .into_iter()
                .map(String::from)
                .collect::<Vec<_>>()
        )
    );
    let shown = screen(&app);
    // A key's values grow: they are distances, whatever the settings.
    for text in
        ["animals ⋈ animals   pairs.csv", "2 pairs", "dist 0.25", "1 of 4 results name pictures that are not here"]
    {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    press(&mut app, "v");
    assert!(screen(&app).contains("euclidean 0.250"), "{}", screen(&app));
    press(&mut app, "<esc>");
    // For other datasets the file is read again; another metric joins them.
    press(&mut app, "e<right><down><enter>");
    assert!(screen(&app).contains("none of the 4 results in pairs.csv belong to animals ⋈ garden"), "{}", screen(&app));
    press(&mut app, "e<right><up><enter>");
    assert_eq!(names(&app).len(), 2);
    press(&mut app, "e<right><right><down><enter>");
    assert!(!screen(&app).contains("pairs.csv") && names(&app).len() > 2, "{}", screen(&app));

    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let tasks = app.update(opened(&path));
    answer(&mut app, &tasks);
    assert!(screen(&app).contains("pairs.csv: not a file of pairs"), "{}", screen(&app));
    press(&mut app, "b");
}
