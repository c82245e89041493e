use std::collections::BTreeSet;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object};

use crate::model::Language;
use crate::source::{FileView, HclText, JsonNode, JsonValue};

/// A container of a task definition of ECS
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>), written in JSON or
/// in Terraform.
pub(in crate::detect::deploy) struct TaskContainer {
    pub(in crate::detect::deploy) name: String,
    /// Where it is named.
    pub(in crate::detect::deploy) place: Range<usize>,
    /// The names of all that it is given, secrets among them.
    pub(in crate::detect::deploy) given: BTreeSet<String>,
    /// Names and values of its environment, with the bytes of the values.
    pub(super) environment: Vec<(String, String, Range<usize>)>,
    /// Its image and where that is written.
    pub(super) image: Option<(String, Range<usize>)>,
    /// The keys that it has.
    pub(in crate::detect::deploy) keys: Vec<String>,
    /// Where it is privileged.
    pub(super) privileged: Option<Range<usize>>,
}

/// A task definition.
pub(in crate::detect::deploy) struct Task {
    pub(in crate::detect::deploy) containers: Vec<TaskContainer>,
    /// Whether it has a role by which secrets are fetched.
    pub(super) has_execution_role: bool,
}

/// The task definitions of a file.
pub(in crate::detect::deploy) fn tasks(view: &FileView) -> Vec<Task> {
    let has = |what: &[u8]| memchr::memmem::find(view.bytes(), what).is_some();
    if view.language() == Language::Hcl {
        return if has(b"container_definitions") { of_terraform(view) } else { Vec::new() };
    }
    if !has(b"containerDefinitions") {
        return Vec::new();
    }
    let Ok(document) = view.json() else { return Vec::new() };
    let Some(root) = &document.root else { return Vec::new() };
    let task = root.get("taskDefinition").unwrap_or(root);
    let Some(list) = task.get("containerDefinitions") else { return Vec::new() };
    let containers = list.elements().iter().map(of_json).collect();
    vec![Task { containers, has_execution_role: task.get("executionRoleArn").is_some() }]
}

fn inner(span: &Range<usize>) -> Range<usize> {
    if span.len() >= 2 { span.start + 1..span.end - 1 } else { span.clone() }
}

fn of_json(node: &JsonNode) -> TaskContainer {
    let name = node.get("name");
    let pairs = node.get("environment").map_or(&[][..], |list| list.elements());
    let pair = |pair: &JsonNode| {
        let value = pair.get("value")?;
        Some((pair.get("name")?.as_str()?.to_owned(), value.as_str()?.to_owned(), inner(&value.span)))
    };
    let lists = ["environment", "secrets"].iter().filter_map(|key| node.get(key));
    let given = lists.flat_map(JsonNode::elements).filter_map(|pair| pair.get("name")?.as_str());
    TaskContainer {
        given: given.map(str::to_owned).collect(),
        name: name.and_then(JsonNode::as_str).unwrap_or("a container").to_owned(),
        place: name.map_or(node.span.clone(), |name| name.span.clone()),
        environment: pairs.iter().filter_map(pair).collect(),
        image: node.get("image").and_then(|image| Some((image.as_str()?.to_owned(), image.span.clone()))),
        keys: node.members().iter().map(|member| member.key.to_string()).collect(),
        privileged: node
            .get("privileged")
            .filter(|node| node.value == JsonValue::Bool(true))
            .map(|node| node.span.clone()),
    }
}

fn of_terraform(view: &FileView) -> Vec<Task> {
    let Ok(body) = view.hcl() else { return Vec::new() };
    let mut found = Vec::new();
    for block in body.get_blocks("resource") {
        if block.labels.first().map(hcl_edit::structure::BlockLabel::as_str)
            != Some("aws_ecs_task_definition")
        {
            continue;
        }
        let Some(attribute) = block.body.get_attribute("container_definitions") else { continue };
        let Expression::FuncCall(call) = &attribute.value else { continue };
        let Some(Expression::Array(list)) = call.args.iter().next() else { continue };
        let containers = list.iter().filter_map(Expression::as_object).map(of_object).collect();
        let has_execution_role = block.body.has_attribute("execution_role_arn");
        found.push(Task { containers, has_execution_role });
    }
    found
}

fn member<'o>(object: &'o Object, name: &str) -> Option<&'o Expression> {
    object.iter().find_map(|(key, value)| {
        let text = key.as_ident().map(hcl_edit::Ident::as_str).or_else(|| key.as_expr()?.as_str())?;
        (text == name).then(|| value.expr())
    })
}

fn of_object(object: &Object) -> TaskContainer {
    let name = member(object, "name").and_then(HclText::of);
    let place = name.as_ref().map(|name| name.span.clone()).or_else(|| object.span()).unwrap_or_default();
    let mut environment = Vec::new();
    if let Some(Expression::Array(pairs)) = member(object, "environment") {
        for pair in pairs.iter().filter_map(Expression::as_object) {
            let text = |key| member(pair, key).and_then(HclText::of);
            if let (Some(name), Some(value)) = (text("name"), text("value")) {
                environment.push((name.text.to_owned(), value.text.to_owned(), inner(&value.span)));
            }
        }
    }
    let lists = ["environment", "secrets"].iter().filter_map(|key| member(object, key)?.as_array());
    let given = lists
        .flat_map(|list| list.iter())
        .filter_map(|pair| HclText::of(member(pair.as_object()?, "name")?).map(|name| name.text.to_owned()));
    let given = given.collect();
    let keys = object.iter().filter_map(|(key, _)| {
        key.as_ident()
            .map(|ident| ident.as_str().to_owned())
            .or_else(|| key.as_expr()?.as_str().map(str::to_owned))
    });
    TaskContainer {
        given,
        name: name.map_or("a container", |name| name.text).to_owned(),
        place,
        environment,
        image: member(object, "image").and_then(HclText::of).map(|image| (image.text.to_owned(), image.span)),
        keys: keys.collect(),
        privileged: member(object, "privileged")
            .filter(|e| e.as_bool() == Some(true))
            .and_then(Expression::span),
    }
}
