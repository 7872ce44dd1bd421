//! Bad input: one clear message, the right exit code, and nothing written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;

#[track_caller]
fn refused(folder: &Folder, args: &[&str], code: i32, words: &[&str]) {
    let before = folder.contents();
    let run = folder.neo(args).ended(code);
    for word in words {
        assert!(run.stderr.contains(word), "{args:?}: {word:?} in {}", run.stderr);
    }
    assert_eq!(run.stdout, "", "{args:?}");
    assert!(before == folder.contents(), "{args:?} wrote something");
}

#[test]
fn configurations_by_table() {
    for (text, words) in [
        ("bid_ofset_bps: 10\n", vec!["bid_ofset_bps", "bid_offset_bps"]),
        ("bid_offset_bps: .nan\n", vec!["bid_offset_bps"]),
        ("bid_offset_bps: -3\n", vec!["bid_offset_bps"]),
        ("base_size_rlusd: 1e999\n", vec!["base_size_rlusd"]),
        ("size_skew_min: 1.0\nsize_skew_max: 0.5\n", vec!["size_skew_max"]),
        ("min_offset_bps: 20\n", vec!["min_offset_bps"]),
        ("corridor_min_xrp_pct: 80\ncorridor_max_xrp_pct: 60\n", vec!["corridor"]),
        ("- a list\n", vec!["mapping"]),
        ("bid_offset_bps: 1\nbid_offset_bps: 2\n", vec!["bid_offset_bps"]),
    ] {
        let folder = Folder::new();
        folder.file("config/config.yaml", text);
        refused(&folder, &["paper", "--duration", "1m", "--speed", "max"], 2, &words);
        refused(&folder, &["config", "check"], 2, &words);
    }
}

#[test]
fn candle_files_by_table() {
    let good = "ts_ms,open,high,low,close,volume\n1774267740000,1.4,1.41,1.39,1.4,10\n";
    for (tail, words) in [
        ("1774267800000,1.4,1.41,1.39,NaN,10\n", vec!["line 3"]),
        ("1774267800000,1.4,1.3,1.5,1.4,10\n", vec!["line 3"]),
        ("1774267740000,1.4,1.41,1.39,1.4,10\n", vec!["line 3"]),
        ("1774267800000,1.4,1.41\n", vec!["line 3"]),
        ("1774267800000,-1.4,1.41,1.39,1.4,10\n", vec!["line 3"]),
    ] {
        let folder = Folder::new();
        folder.file("candles.csv", &format!("{good}{tail}"));
        refused(
            &folder,
            &["paper", "--market", "candles:candles.csv", "--speed", "max"],
            2,
            &[&words[..], &["candles.csv"]].concat(),
        );
    }
    let folder = Folder::new();
    refused(&folder, &["paper", "--market", "candles:absent.csv"], 2, &["absent.csv"]);
    refused(&folder, &["paper", "--market", "dice"], 2, &["synthetic"]);
    refused(&folder, &["paper", "--duration", "soon"], 2, &["90s"]);
    refused(&folder, &["paper", "--speed", "0"], 2, &["max"]);
    refused(&folder, &["paper", "--dashboard", "127.0.0.1:8501"], 2, &["off"]);
}

#[test]
fn databases_by_table() {
    let folder = Folder::new();
    folder.file(
        "garbage.db",
        "this is no database, whatever its name says, and it is long enough to be read as one",
    );
    refused(
        &folder,
        &["paper", "--db", "garbage.db", "--duration", "1m", "--speed", "max"],
        4,
        &["garbage.db", "not a database"],
    );
    refused(&folder, &["session", "list", "--db", "garbage.db"], 4, &["garbage.db"]);
    refused(&folder, &["audit", "--db", "absent.db"], 4, &["absent.db"]);
    refused(&folder, &["replay", "1", "--db", "absent.db"], 4, &["absent.db"]);
}

#[test]
fn a_port_in_use_is_refused() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&folder, &["sim", "serve", "--listen", &address], 4, &[&address, "in use"]);
}

#[test]
fn a_database_in_use_names_its_holder() {
    let folder = Folder::new();
    let mut holder = folder
        .command(&["paper", "--duration", "10m", "--speed", "1", "--json"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let lock = folder.path().join("data/paper.db.lock");
    let started = std::time::Instant::now();
    while std::fs::read_to_string(&lock).map_or(true, |text| text.is_empty())
        && started.elapsed().as_secs() < 20
    {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let run = folder.neo(&["paper", "--duration", "1m", "--speed", "max"]).ended(4);
    assert!(run.stderr.contains(&holder.id().to_string()), "{}", run.stderr);
    holder.kill().unwrap();
    holder.wait().unwrap();
}

#[test]
fn a_failure_is_a_document_too_when_one_was_promised() {
    let folder = Folder::new();
    folder.file("config/config.yaml", "bid_ofset_bps: 10\n");
    for (args, code) in [
        (&["config", "check", "--json"][..], 2),
        (&["paper", "--json", "--duration", "1m", "--speed", "max"], 2),
        (&["session", "show", "--json"], 4),
    ] {
        let run = folder.neo(args).ended(code);
        let document = run.json();
        assert_eq!(document["format"], 1);
        assert_eq!(document["exit"], code);
        assert!(document["error"].is_string(), "{document}");
    }
}

#[test]
fn a_folder_that_is_not_ours_is_left_alone() {
    let folder = Folder::new();
    folder.file("data/paper.db.ledger/thesis.txt", "years of work");
    refused(&folder, &["paper", "--duration", "1m", "--speed", "max"], 4, &["paper.db.ledger"]);
}

#[cfg(unix)]
#[test]
fn an_output_that_nobody_takes_is_no_panic() {
    let folder = Folder::new();
    let mut child =
        folder.command(&["config", "explain"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0), "a reader that left early ends nothing");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = folder.command(&["config", "default"]).stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stderr).contains("cannot write the output"));
}

#[test]
fn what_is_no_regular_file_is_no_input() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("candles.csv")).unwrap();
    refused(&folder, &["paper", "--market", "candles:candles.csv"], 2, &["regular file"]);
    refused(&folder, &["paper", "--config", "candles.csv"], 2, &["candles.csv"]);
}

/// A number out of its range is told its range, a negative one too, and is not taken for a flag.
#[test]
fn numbers_out_of_range_by_table() {
    let seeds = "a whole number from 0 to 18446744073709551615";
    for (args, words) in [
        (&["paper", "--speed", "-1"][..], "a number from 0.01 to 10000, or max"),
        (&["paper", "--speed", "0"], "a number from 0.01 to 10000, or max"),
        (&["paper", "--seed", "-1"], seeds),
        (&["paper", "--seed", "18446744073709551616"], seeds),
        (&["sim", "serve", "--seed", "-1"], seeds),
        (&["sim", "market", "--seed", "-1"], seeds),
        (&["sim", "serve", "--speed", "-1"], "a number from 0.01 to 10000, or max"),
        (&["sim", "market", "--ledgers", "-1"], "1..=200000"),
        (&["paper", "--nodes", "-1"], "1..=2"),
        (&["paper", "--give-up", "-1"], "1.."),
        (&["paper", "--give-up", "0"], "1.."),
    ] {
        refused(&Folder::new(), args, 2, &[words]);
    }
    for (text, words) in [
        ("ticket_pool: -1\n", "ticket_pool: -1 is not between 0 and 16 tickets"),
        ("ticket_pool: 99999999999\n", "ticket_pool: 99999999999 is not between 0 and 16 tickets"),
        ("ticket_pool: 17\n", "ticket_pool: 17 is not between 0 and 16 tickets"),
        ("ticket_pool: 1e999999999\n", "ticket_pool: "),
        ("bid_offset_bps: -1\n", "bid_offset_bps: -1 is not between 0.1 and 1000 bps"),
    ] {
        let folder = Folder::new();
        folder.file("config/config.yaml", text);
        refused(&folder, &["config", "check"], 2, &[words]);
    }
}
