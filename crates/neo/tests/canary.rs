//! No secret in any artefact: seeds made for this test alone are put where secrets belong and where they do not, a session
//! runs, and nothing that was printed or written holds them in any form.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Folder, Run};
use ledger::{KeyKind, Seed};
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

/// A seed, and every form of it that would give it away.
struct Canary {
    text: String,
    forms: Vec<Vec<u8>>,
}

impl Canary {
    fn new(kind: KeyKind, entropy: [u8; 16]) -> Canary {
        let text = Seed::from_entropy(entropy, kind).reveal().to_string();
        let hex: String = entropy.iter().map(|byte| format!("{byte:02x}")).collect();
        let forms = vec![
            text.clone().into_bytes(),
            text.to_lowercase().into_bytes(),
            entropy.to_vec(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
            text.as_bytes()[1..text.len() - 1].to_vec(),
        ];
        Canary { text, forms }
    }

    #[track_caller]
    fn is_nowhere_in(&self, what: &str, bytes: &[u8]) {
        for form in &self.forms {
            let found = bytes.windows(form.len()).position(|window| window == form);
            assert!(found.is_none(), "{what} holds the secret at byte {found:?}");
        }
    }

    #[track_caller]
    fn check(&self, what: &str, run: &Run) {
        self.is_nowhere_in(what, run.stdout.as_bytes());
        self.is_nowhere_in(what, run.stderr.as_bytes());
        assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
    }
}

fn with_input(folder: &Folder, words: &[&str], input: &str, env: &[(&str, &str)]) -> Run {
    let mut command = folder.command(words);
    command.envs(env.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Run::of(child.wait_with_output().unwrap())
}

fn seeds() -> [Canary; 2] {
    let entropy = *b"neo-canary-\x9e\x03\xf1\x77\x42";
    [Canary::new(KeyKind::Ed25519, entropy), Canary::new(KeyKind::Secp256k1, entropy)]
}

#[test]
fn a_secret_where_it_belongs_leaves_no_trace() {
    for canary in seeds() {
        let folder = Folder::new();
        let tx = r#"{"TransactionType":"AccountSet","Account":"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh","Fee":"10","Sequence":1}"#;
        let by_seed = format!(r#"{{"tx_json":{tx},"seed":"{}"}}"#, canary.text);
        let by_env = format!(r#"{{"tx_json":{tx},"secret_env":"CANARY"}}"#);
        let first = with_input(&folder, &["tx", "sign", "-vv"], &by_seed, &[]).ended(0);
        let second =
            with_input(&folder, &["tx", "sign", "-vv"], &by_env, &[("CANARY", &canary.text)]).ended(0);
        assert_eq!(first.stdout, second.stdout);
        canary.check("tx sign", &first);
        canary.check("tx sign", &second);
        // Cut, doubled, in another field, in a field's name, beside rubbish.
        for input in [
            by_seed.replace(r#""seed""#, r#""sed""#),
            by_seed.replace(r#""Fee":"10""#, &format!(r#""Fee":"{}""#, canary.text)),
            by_seed.replace(
                r#""Account":"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh""#,
                &format!(r#""Account":"{}""#, canary.text),
            ),
            by_env.replace("CANARY", &canary.text),
            format!(r#"{{"{}":1}}"#, canary.text),
            canary.text.clone(),
            format!("{by_seed},"),
        ] {
            for command in ["sign", "encode", "decode", "hash", "explain"] {
                let run = with_input(&folder, &["tx", command, "-vv"], &input, &[]);
                assert!(command != "sign" || run.code != Some(0), "signed {input:?}");
                canary.check(command, &run);
            }
        }
    }
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    for canary in seeds() {
        let seed = canary.text.as_str();
        let candles = format!("candles:{seed}");
        let (flag, key) = (format!("--{seed}"), format!("--seed={seed}"));
        for words in [
            vec![seed],
            vec!["paper", "--seed", seed],
            vec!["paper", &key],
            vec!["paper", "--db", seed],
            vec!["paper", "--market", &candles],
            vec!["config", "check", "--config", seed],
            vec!["session", "show", seed],
            vec![&flag],
        ] {
            let folder = Folder::new();
            let run = folder.neo(&words).ended(2);
            canary.check("the refusal", &run);
            assert!(run.stderr.contains("an argument holds a seed"), "{}", run.stderr);
            assert!(folder.contents().is_empty(), "{words:?} wrote something");
        }
        // With a letter lost it is no seed any more, and still not for others to read.
        let run = Folder::new().neo(&["session", "show", &seed[..seed.len() - 1]]).ended(2);
        canary.check("the refusal", &run);
        assert!(!run.stderr.contains(&seed[..20]), "{}", run.stderr);
    }
}

#[test]
fn a_session_beside_secrets_writes_none_of_them() {
    let [canary, other] = seeds();
    let folder = Folder::new();
    folder.file("bad.yaml", &format!("bid_offset_bps: {}\n{}: 1\n", canary.text, other.text));
    let refused = folder.neo(&["paper", "--config", "bad.yaml", "-vv"]).ended(2);
    canary.check("config", &refused);
    other.check("config", &refused);
    std::fs::remove_file(folder.path().join("bad.yaml")).unwrap();
    let words = ["paper", "--speed", "max", "--duration", "5m", "-vv", "--log-format", "json"];
    let env = [("NEO_SECRET", canary.text.as_str()), ("XRPL_SEED", other.text.as_str())];
    for _ in 0..2 {
        let run = with_input(&folder, &words, &canary.text, &env).ended(0);
        canary.check("paper", &run);
        other.check("paper", &run);
    }
    for words in [vec!["audit", "--json"], vec!["session", "show", "--json"], vec!["replay", "1"]] {
        let run = with_input(&folder, &words, &canary.text, &env).ended(0);
        canary.check("a report", &run);
    }
    let files: Vec<(PathBuf, Vec<u8>)> = folder.contents();
    assert!(files.len() >= 4, "{:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    for (path, bytes) in files {
        canary.is_nowhere_in(&path.display().to_string(), &bytes);
        other.is_nowhere_in(&path.display().to_string(), &bytes);
    }
}

/// The search finds what is there.
#[test]
fn the_search_finds_what_is_there() {
    for canary in seeds() {
        for form in &canary.forms {
            let hidden = [b"before ".as_slice(), form, b" after"].concat();
            assert!(std::panic::catch_unwind(|| canary.is_nowhere_in("this", &hidden)).is_err());
        }
    }
}
