use super::*;

#[test]
fn instructions_know_their_bytes() {
    let text = "# syntax=docker/dockerfile:1\nFROM --platform=$BUILDPLATFORM rust:1.90 AS build\nRUN a && \\\n  # why\n  b\n\ncopy --from=0 [\"x y\", \"z\"]\nENV A=\"b c\" D=e\nENV F g h\nNONSENSE 1\nONBUILD RUN c\n";
    let file = parse_dockerfile(text.as_bytes());
    let names: Vec<&str> = file.instructions.iter().map(|i| &*i.keyword).collect();
    assert_eq!(names, ["FROM", "RUN", "COPY", "ENV", "ENV", "RUN"]);
    let from = &file.instructions[0];
    assert_eq!(from.flag("platform").map(|f| &text[f.span.clone()]), Some("$BUILDPLATFORM"));
    assert_eq!(&text[from.words[0].span.clone()], "rust:1.90");
    let commands = file.instructions[1].commands(text.as_bytes(), file.escape);
    assert_eq!(commands.iter().map(|c| &text[c.span.clone()]).collect::<Vec<_>>(), ["a", "b"]);
    let copy = &file.instructions[2];
    assert!(copy.is_json);
    assert_eq!(copy.words.iter().map(|w| &*w.text).collect::<Vec<_>>(), ["x y", "z"]);
    let variables: Vec<_> =
        file.instructions[3..5].iter().flat_map(|i| i.variables(text.as_bytes())).collect();
    let shown: Vec<_> =
        variables.iter().map(|v| (&*v.name, v.value.as_ref().map_or("", |v| &*v.text))).collect();
    assert_eq!(shown, [("A", "b c"), ("D", "e"), ("F", "g h")]);
    assert!(file.instructions[5].is_onbuild);
}

#[test]
fn stages_and_variables_are_resolved() {
    let text = "ARG V=1.2\nARG BASE=alpine:${V}\nFROM $BASE AS a\nFROM a\nFROM ${NONE}\nFROM ${NONE:-x:1}\nFROM scratch\nFROM debian\nCOPY --from=A /x /y";
    let file = parse_dockerfile(text.as_bytes());
    let stages = file.stages();
    let bases: Vec<String> = stages
        .iter()
        .map(|stage| match &stage.base {
            DockerBase::Stage(at) => format!("stage {at}"),
            DockerBase::Scratch => "scratch".into(),
            DockerBase::Unknown => "?".into(),
            DockerBase::Image { name, by_variable, .. } => format!("{name} {by_variable}"),
        })
        .collect();
    assert_eq!(bases, ["alpine:1.2 true", "stage 0", "?", "x:1 true", "scratch", "debian false"]);
    let from = file.instructions.last().and_then(|i| i.flag("from")).expect("has the flag");
    assert_eq!(file.base(from, &stages), DockerBase::Stage(0));
}

#[test]
fn here_documents_are_no_instructions() {
    let text = "FROM a:1\nRUN <<EOF bash\npip install x\nFROM b\nEOF\nRUN cat <<-'E' > f && c\n\tUSER x\n\tE\nCOPY <<A <<B /d\n1\nA\n2\nB\nUSER app\n";
    let file = parse_dockerfile(text.as_bytes());
    let names: Vec<&str> = file.instructions.iter().map(|i| &*i.keyword).collect();
    assert_eq!(names, ["FROM", "RUN", "RUN", "COPY", "USER"]);
    let commands = file.instructions[1].commands(text.as_bytes(), file.escape);
    assert_eq!(&text[commands[0].span.clone()], "pip install x");
    let bodies: Vec<&str> =
        file.instructions[3].here_documents.iter().map(|h| &text[h.body.clone()]).collect();
    assert_eq!(bodies, ["1\n", "2\n"]);
    let quoted = parse_dockerfile(b"RUN grep \"<<EOF\" f\nFROM b\n");
    assert_eq!(quoted.instructions.len(), 2);
}

#[test]
fn the_escape_directive_holds() {
    let file = parse_dockerfile(b"# escape=`\nFROM a:1\nRUN x `\n y C:\\\nUSER b");
    assert_eq!(file.instructions.len(), 3);
    assert_eq!(file.instructions[1].words.len(), 3);
}

#[test]
fn what_variables_stand_for_stays_short() {
    let text =
        format!("ARG A={}\n{}", "x".repeat(1 << 20), format!("FROM {}\n", "$A".repeat(30)).repeat(900));
    let file = parse_dockerfile(text.as_bytes());
    assert!(file.stages().iter().all(|stage| stage.base == DockerBase::Unknown));
    let text = format!("ARG {}\n{}", "B=1 ".repeat(100_000), "FROM a:$B\n".repeat(900));
    let file = parse_dockerfile(text.as_bytes());
    assert_eq!(file.stages().len(), 900);
}

#[test]
fn hostile_text_is_read_in_one_go() {
    for unit in
        ["RUN <<a\n", "RUN \\\n", "FROM $A\n", "ARG A=$A\n", "ONBUILD ", "\\\n#\n", "COPY [\"", "FROM --a "]
    {
        let text = unit.repeat(5_000);
        let file = parse_dockerfile(text.as_bytes());
        let _ = file.stages();
        for instruction in &file.instructions {
            assert!(instruction.span.end <= text.len());
            let _ = instruction.commands(text.as_bytes(), file.escape);
        }
    }
}
