//! The walk over trees of empty files.

use super::*;

/// A tree of empty files; a name that ends in `/` is a directory.
fn tree(names: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for name in names {
        let path = root.path().join(name);
        let parent = if name.ends_with('/') { &path } else { path.parent().unwrap() };
        fs::create_dir_all(parent).unwrap();
        if !name.ends_with('/') {
            fs::write(&path, b"").unwrap();
        }
    }
    root
}

fn list_in(root: &tempfile::TempDir, given: &[&str]) -> Result<Listing> {
    let paths = given.iter().map(|path| root.path().join(path).to_str().unwrap().to_owned()).collect();
    Problems::refuse_any(|problems| find(&InputOptions { paths, ..InputOptions::default() }, problems))
}

fn find_in(root: &tempfile::TempDir, given: &[&str]) -> Result<Vec<InputFile>> {
    list_in(root, given).map(|listing| listing.files)
}

fn names(root: &tempfile::TempDir, given: &[&str]) -> Vec<String> {
    let relative = |file: InputFile| file.path.strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned();
    find_in(root, given).unwrap().into_iter().map(relative).collect()
}

#[test]
fn a_directory_is_searched_for_data_and_nothing_else() {
    let root = tree(&["d/b.parquet", "d/a.PARQUET", "d/_SUCCESS", "d/.a.parquet.crc", "d/_temporary/0/x.parquet"]);
    for other in ["d/.hidden/y.parquet", "d/c.parquet.tmp", "d/README.txt", "d/sub/c.parquet", "d/_k=1/e.parquet"] {
        fs::create_dir_all(root.path().join(other).parent().unwrap()).unwrap();
        fs::write(root.path().join(other), b"").unwrap();
    }
    assert_eq!(names(&root, &["d"]), ["d/_k=1/e.parquet", "d/a.PARQUET", "d/b.parquet", "d/sub/c.parquet"]);
    let passed_over = list_in(&root, &["d", "d/*"]).unwrap().passed_over;
    let first = Some(root.path().join("d/README.txt"));
    assert_eq!(passed_over, Seen { files: 2, first }, "each once, and no hidden ones");
}

#[test]
fn files_without_an_ending_are_data_by_content_and_compressed_ones_are_refused() {
    let root = tree(&["d/000000_0", "d/b.parq", "d/c.pq", "d/notes", "e/a.parquet.gz", "e/b.parquet"]);
    fs::write(root.path().join("d/000000_0"), b"PAR1").unwrap();
    assert_eq!(names(&root, &["d"]), ["d/000000_0", "d/b.parq", "d/c.pq"]);
    assert_eq!(names(&root, &["d/*0"]), ["d/000000_0"]);
    let text = find_in(&root, &["e"]).unwrap_err().to_string();
    assert!(text.contains("e/a.parquet.gz`: was compressed as a whole"), "{text}");
}

#[test]
fn a_hard_link_is_read_once() {
    let root = tree(&["d/a.parquet"]);
    fs::hard_link(root.path().join("d/a.parquet"), root.path().join("d/b.parquet")).unwrap();
    let listing = list_in(&root, &["d"]).unwrap();
    assert_eq!(listing.files.len(), 1);
    assert_eq!(listing.again, Seen { files: 1, first: Some(root.path().join("d/b.parquet")) });
}

#[test]
fn a_path_that_exists_is_no_pattern() {
    let root = tree(&["odd [a]?*.parquet", "odd a.parquet"]);
    assert_eq!(names(&root, &["odd [a]?*.parquet"]), ["odd [a]?*.parquet"]);
    assert_eq!(names(&root, &["odd*.parquet"]).len(), 2);
}

#[test]
fn a_named_file_is_read_whatever_its_name() {
    let root = tree(&["_data.bin", "x.parq", "y.parq", "y.parquet"]);
    assert_eq!(names(&root, &["_data.bin"]), ["_data.bin"]);
    assert_eq!(names(&root, &["*.parq"]), ["x.parq", "y.parq"]);
    assert_eq!(names(&root, &["y*"]), ["y.parq", "y.parquet"]);
}

#[test]
fn patterns_reach_into_directories_but_not_into_hidden_ones() {
    let root = tree(&["d/year=2024/a.parquet", "d/year=2025/b.parquet", "d/_tmp/c.parquet"]);
    assert_eq!(names(&root, &["d/**/*.parquet"]), ["d/year=2024/a.parquet", "d/year=2025/b.parquet"]);
    let found = find_in(&root, &["d/year=*"]).unwrap();
    assert_eq!(found[1].partitions, [Partition { key: "year".into(), value: Some("2025".into()) }]);
}

#[test]
fn a_file_reached_twice_is_read_once() {
    let root = tree(&["d/a.parquet", "d/k=1/b.parquet"]);
    std::os::unix::fs::symlink("a.parquet", root.path().join("d/z.parquet")).unwrap();
    std::os::unix::fs::symlink("k=1", root.path().join("d/other")).unwrap();
    assert_eq!(names(&root, &["d", "d/a.parquet", "d/*"]), ["d/a.parquet", "d/k=1/b.parquet"]);
    // The partition is known from the directory although the file is also named by itself.
    assert_eq!(find_in(&root, &["d/k=1/b.parquet", "d"]).unwrap()[1].partitions.len(), 1);
}

#[test]
fn missing_and_empty_inputs_are_named_all_at_once() {
    let root = tree(&["empty/", "other/notes.txt"]);
    let text = find_in(&root, &["empty", "other", "gone.parquet", "gone*"]).unwrap_err().to_string();
    for part in [
        "empty` holds no Parquet files",
        "other` holds no Parquet files (1 files are none, such as `",
        "gone.parquet`: does not exist",
        "gone*` holds",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(find_in(&root, &[]).unwrap_err().to_string().starts_with("no input was given"));
}

#[test]
fn links_that_lead_nowhere_and_pipes_are_refused() {
    let root = tree(&["d/a.parquet"]);
    std::os::unix::fs::symlink("gone", root.path().join("d/dangling.parquet")).unwrap();
    std::os::unix::fs::symlink("loop.parquet", root.path().join("d/loop.parquet")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.path().join("d/s.parquet")).unwrap();
    let text = find_in(&root, &["d"]).unwrap_err().to_string();
    for name in ["dangling.parquet`: is a link to", "loop.parquet`: cannot", "s.parquet`: is a pipe"] {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[test]
fn a_link_that_leads_back_adds_nothing() {
    let root = tree(&["d/a.parquet", "d/e/b.parquet"]);
    std::os::unix::fs::symlink(root.path().join("d"), root.path().join("d/back")).unwrap();
    std::os::unix::fs::symlink("..", root.path().join("d/e/up")).unwrap();
    assert_eq!(names(&root, &["d"]), ["d/a.parquet", "d/e/b.parquet"]);
}

#[test]
fn a_url_is_refused_without_showing_its_keys() {
    let url = InputOptions { paths: vec!["s3://id:key@b/k".into()], ..InputOptions::default() };
    let refused = Problems::refuse_any(|problems| find(&url, problems)).unwrap_err();
    assert!(refused.to_string().starts_with("`s3://b/k`: is a URL"));
}
