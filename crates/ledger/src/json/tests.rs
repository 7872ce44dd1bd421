//! Tests of documents: what is read from text is what serde_json reads.

use serde_json::Value;

use super::*;

/// A document and its tree say the same wherever one looks.
fn same(node: Node<'_>, value: &Value) {
    assert_eq!((node.to_value(), node.to_string()), (value.clone(), value.to_string()));
    assert_eq!(node, Node::from(value));
    assert_eq!(
        (node.as_str(), node.as_bool(), node.is_null()),
        (value.as_str(), value.as_bool(), value.is_null())
    );
    assert_eq!((node.as_u64(), node.as_i64()), (value.as_u64(), value.as_i64()));
    assert_eq!((node.is_object(), node.elements().is_some()), (value.is_object(), value.is_array()));
    for (name, inner) in value.as_object().into_iter().flatten() {
        same(node.get(name).unwrap(), inner);
    }
    let elements = node.elements().into_iter().flatten();
    elements.zip(value.as_array().into_iter().flatten()).for_each(|(node, inner)| same(node, inner));
}

#[test]
fn text_and_tree_say_the_same() {
    for text in [
        "null",
        " true ",
        "-0",
        "18446744073709551615",
        "-9223372036854775808",
        "18446744073709551616",
        "1.5",
        r#""plain""#,
        r#""esc\u00e9aped\n\"""#,
        "[]",
        "{}",
        r#"[1, [2, {"a": []}], "x", {"b\t": null, "c": [true, -3]}]"#,
        r#"{"a": {"b": {"c": 1}, "d": 2}, "e": "\/", "f": 2.5e3}"#,
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        same(Document::parse(text).unwrap().root(), &value);
    }
}

#[test]
fn what_is_no_json_is_refused() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    for text in ["", "{", "[1,]", "{\"a\" 1}", "1 2", "\"\u{1}\"", "nul", "01", deep.as_str()] {
        assert!(Document::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_name_that_is_there_twice_shows_twice() {
    let document = Document::parse(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
    let names: Vec<&str> = document.root().members().unwrap().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b", "a"]);
    assert_eq!(document.root().get("a").and_then(Node::as_u64), Some(1));
}
