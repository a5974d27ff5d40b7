//! Broken files, and the line and column that readers find the fault at.

use crate::domain::Format;

use super::{Place, ReadError, validate};

fn fault(format: Format, text: &[u8]) -> (u64, u64, String) {
    let found = validate(format, Box::new(std::io::Cursor::new(text.to_vec())));
    let error = found.expect_err(&String::from_utf8_lossy(text));
    let fault = error.fault().unwrap_or_else(|| panic!("{error:?} names no place"));
    let Place { line, column } = fault.place;
    (line, column, fault.why.clone())
}

fn finds(format: Format, cases: &[(&str, u64, u64, &str)]) {
    for (text, line, column, words) in cases {
        let (found_line, found_column, why) = fault(format, text.as_bytes());
        assert_eq!((found_line, found_column), (*line, *column), "{text:?}: {why}");
        assert!(why.contains(words), "{text:?}: {why}");
    }
}

#[test]
fn the_first_fault_of_csv_is_told_by_line_and_column() {
    finds(
        Format::Csv,
        &[
            ("", 1, 1, "no header"),
            ("a,b\r\n1,2\r\n3\r\n", 3, 1, "1 cell,"),
            ("a,b\n1,2,3\n", 2, 5, "more than the 2 columns"),
            ("a,b\nx,y\"z\n", 2, 4, "a quote in a cell"),
            ("a,b\n\"x\"y,z\n", 2, 4, "behind the quote"),
            ("a,b\n1,\"größe\n\n", 2, 3, "no end"),
            ("a,a\n", 1, 3, "twice"),
            ("a\n1\r2\n", 2, 3, "carriage return"),
            ("größe\n日,1\n", 2, 3, "more than the 1 columns"),
        ],
    );
    let (line, column, why) = fault(Format::Csv, b"a,b\nx,\xff\n");
    assert_eq!((line, column), (2, 3), "{why}");
}

#[test]
fn the_first_fault_of_json_is_told_by_line_and_column() {
    finds(
        Format::Json,
        &[
            ("", 1, 1, "the end, where an array"),
            ("[{\"a\":1},]", 1, 10, "an object"),
            ("[{\"a\":1}\n{}]", 2, 1, "`,` or `]`"),
            ("[{\"a\":1,\n\"a\":2}]", 2, 1, "twice"),
            ("[{\"a\":01}]", 1, 8, "`,` or `}`"),
            ("[{\"a\":-}]", 1, 8, "a digit"),
            ("[{\"a\":1.}]", 1, 9, "a digit"),
            ("[{\"a\":tru}]", 1, 10, "`true`"),
            ("[{\"a\":\"\n\"}]", 1, 8, "control character"),
            ("[{\"a\":\"\\x\"}]", 1, 9, "escape"),
            ("[{\"a\":\"\\ud800\"}]", 1, 9, "surrogate"),
            ("[{\"a\":\"\\u12g4\"}]", 1, 12, "hexadecimal"),
            ("[{\"a\":[1,]}]", 1, 10, "a value"),
            ("[{\"a\":{\"b\" 1}}]", 1, 12, "`:`"),
            ("[{'a':1}]", 1, 3, "a name in quotes"),
            ("[1]", 1, 2, "an object"),
            ("[{}] x", 1, 6, "the end of the document"),
            ("[{}", 1, 4, "the end, where"),
            ("{\"rows\":[]}", 1, 2, "members of an exportd document"),
            ("{\"data\":{\"a\":[],\"a\":[]}}", 1, 17, "twice"),
            ("{\"data\":{\"a\":[]}", 1, 17, "the brace"),
            ("{\"metadata\":{\"schema\":[{\"name\":1}]},\"data\":{}}", 1, 13, "the metadata"),
        ],
    );
    let typed = "{\"metadata\":{\"schema\":[{\"name\":\"a\",\"columns\":[{\"name\":\"n\",\"type\":\"integer\"}]}]},\n\"data\":{\"a\":[\n{\"n\":1},\n{\"n\":\"1\"}]}}";
    finds(Format::Json, &[(typed, 4, 6, "column `n`: this is no integer")]);
    let stranger = typed.replace("\"1\"", "1,\"m\":2");
    finds(Format::Json, &[(&stranger, 4, 12, "`m`")]);
    let deep = format!("[{{\"a\":{}{}}}]", "[".repeat(129), "]".repeat(129));
    finds(Format::Json, &[(&deep, 1, 135, "inside each other")]);
}

#[test]
fn the_first_fault_of_json_lines_is_told_by_line_and_column() {
    finds(
        Format::Jsonl,
        &[
            ("{\"a\":1}\n\n{\"a\":2} {}\n", 3, 9, "the end of the line"),
            ("{\"a\":1}\n[1]\n", 2, 1, "an object"),
            ("{\"a\":1}\n{\"a\":\n2}\n", 3, 3, "begins on line 2"),
            ("{\"a\":1}\n{\"a\":", 2, 6, "a value"),
        ],
    );
}

#[test]
fn the_first_fault_of_xml_is_told_by_line_and_column() {
    let inside = |text: &str| {
        format!(
            "<export xmlns=\"urn:exportd:export:1\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" title=\"\">\n<section name=\"a\" title=\"a\"><columns><column name=\"n\" title=\"n\" type=\"integer\"/></columns>\n{text}\n</section></export>"
        )
    };
    for (text, line, column, words) in [
        ("<row><field name=\"n\">x</field></row>", 3, 6, "column `n`: this is no integer"),
        ("<row><field name=\"m\">1</field></row>", 3, 6, "none of the columns"),
        ("<row><field>1</field></row>", 3, 6, "no name"),
        ("<row>1</row>", 3, 6, "no text"),
        ("<row><cell/></row>", 3, 6, "where <field> should be"),
        ("<row><field name=\"n\">1</row>", 3, 23, "expected"),
        ("<row><field name=\"n\">&x;</field></row>", 3, 22, "entity"),
        ("<row><field name=\"n\">&#0;</field></row>", 3, 22, ""),
        ("<row><field name=\"n\">&#1;</field></row>", 3, 22, "cannot hold"),
        ("<row><field name=\"n\" name=\"n\">1</field></row>", 3, 6, "duplicate"),
        ("<row><field name=\"n\" encoding=\"base64\">?</field></row>", 3, 6, "base64"),
        ("<row><field name=\"n\" xsi:nil=\"true\">1</field></row>", 3, 6, "nil"),
        ("<row><field name=\"n\">1</field><field name=\"n\">1</field></row>", 3, 31, "twice"),
        ("<row xmlns=\"urn:x\"/>", 3, 1, "no element of"),
    ] {
        finds(Format::Xml, &[(&inside(text), line, column, words)]);
    }
    finds(
        Format::Xml,
        &[
            ("", 1, 1, "<export> should be here"),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><export/>", 1, 1, "document type"),
            ("<export/>", 1, 1, "no element of"),
            ("<export xmlns=\"urn:exportd:export:1\">", 1, 38, "ends inside"),
            (
                "<export xmlns=\"urn:exportd:export:1\"/><export xmlns=\"urn:exportd:export:1\"/>",
                1,
                39,
                "behind the end",
            ),
            ("<?xml version=\"1.1\"?><export xmlns=\"urn:exportd:export:1\"/>", 1, 1, "1.1"),
            (
                "<?xml version=\"1.0\" encoding=\"latin1\"?><export xmlns=\"urn:exportd:export:1\"/>",
                1,
                1,
                "latin1",
            ),
        ],
    );
}

#[test]
fn a_row_that_never_ends_is_given_up() {
    for (format, begin) in [
        (Format::Csv, "a\n\""),
        (Format::Jsonl, "{\"a\":\""),
        (Format::Json, "[{\"a\":[\""),
        (Format::Xml, "<export xmlns=\"urn:exportd:export:1\"><!--"),
    ] {
        let endless = std::io::Read::chain(begin.as_bytes(), std::io::repeat(b'x'));
        let error = validate(format, Box::new(std::io::BufReader::new(endless))).expect_err("endless");
        assert!(matches!(&error, ReadError::Fault(fault) if fault.why.contains("64 MiB")), "{error}");
    }
}
