//! From what was typed to what is done: one short function per command.
//!
//! stdout is handed in: it carries data only, and its last line is the answer (a path, or JSON).
//! Does not live here: what can be typed (`cli`), and any work (`run` and the stages).

pub mod check;
pub mod explain;
pub mod init;
pub mod lint_map;

use std::io::{IsTerminal, Write};

use serde_json::{Value, json};

use crate::clean::options::CleanOptions;
use crate::cli::SimulateArgs;
use crate::cli::{Cli, Command, Format, GlobalArgs, LintMapArgs, MapsArgs, RunArgs, SchemaArgs, SchemaFormat};
use crate::config::{Config, DEFAULT_FILE, Draft, Resolved, environment_of, json_schema};
use crate::error::{Error, Result};
use crate::process::logging::Progress;
use crate::job;
use crate::commands::check;
use crate::commands::check::Checked;
use crate::commands::{explain, init, lint_map as map_census};
use crate::segment::Segment;
use crate::simulate::{AmountType, IdKind, SimulateOptions};
use crate::process::abort;
use crate::{cli, publish, schema, segment, simulate};

/// Does what was typed.
///
/// # Errors
/// Whatever the command says; its kind is the exit code.
pub fn execute(cli: &Cli, out: &mut dyn Write) -> Result<()> {
    if abort::is_life_after_abort() {
        return Err(job::after_abort(&with_input(cli)?.config));
    }
    match &cli.command {
        Command::Run(args) => run_command(cli, args, out),
        Command::Config(args) => {
            let resolved = load(cli)?;
            print(
                out,
                &if args.format == Some(Format::Json) {
                    lines(&resolved.render_json())
                } else {
                    resolved.render_toml()
                },
            )
        }
        Command::Check(args) => checked(out, check::check(&draft(cli)?), args.format),
        Command::Explain(args) => {
            let told = explain::explain(&with_input(cli)?.config, &args.customer, &progress(&cli.global))?;
            print(out, &if args.format == Some(Format::Json) { lines(&told.json) } else { told.text })
        }
        Command::Init(args) => {
            let path = args.output_file.clone().unwrap_or_else(|| DEFAULT_FILE.into());
            print(out, &init::init(&args.input, &path, args.force)?)
        }
        Command::Schema(args) => print(out, &schema_text(args)),
        Command::Simulate(args) => {
            let made = simulate::simulate(&simulate_options(args))?;
            tracing::info!(
                lines = made.lines,
                orders = made.orders,
                customers = made.customers,
                files = made.files.len()
            );
            print(out, &format!("{}\n", args.output.display()))
        }
        Command::Verify(args) => {
            let report = publish::verify_published(&args.output)?.into_result()?;
            let (runs, files, bytes) = (report.runs.len(), report.files, report.bytes);
            print(out, &format!("ok: {runs} published runs, {files} tables, {bytes} bytes as their manifests say\n"))
        }
        Command::Maps(args) => maps(args, out),
        Command::LintMap(args) => lint_map(args, out),
        Command::Completions(args) => cli::write_completions(args.shell, out),
        Command::Man(args) => match &args.directory {
            Some(directory) => cli::write_man_pages(directory),
            None => cli::write_man_page(out),
        },
    }
}

fn load(cli: &Cli) -> Result<Resolved> {
    let environment = environment_of(std::env::vars_os());
    Config::load(cli.global.config.as_deref(), environment, cli.command.layers())
}

/// The settings of what was typed, as far as they can be used.
///
/// # Errors
/// As [`Config::draft`].
pub fn draft(cli: &Cli) -> Result<Draft> {
    let environment = environment_of(std::env::vars_os());
    Config::draft(cli.global.config.as_deref(), environment, cli.command.layers())
}

fn with_input(cli: &Cli) -> Result<Resolved> {
    let resolved = load(cli)?;
    resolved.config.require_input()?;
    Ok(resolved)
}

fn progress(global: &GlobalArgs) -> Progress {
    Progress::new(!global.quiet && global.log_format != Some(Format::Json))
}

fn run_command(cli: &Cli, args: &RunArgs, out: &mut dyn Write) -> Result<()> {
    if args.dry_run {
        return checked(out, check::dry_run(&draft(cli)?)?, args.format);
    }
    let resolved = with_input(cli)?;
    let published = job::run(&resolved, &progress(&cli.global))?;
    let warnings = &published.manifest["warnings"];
    if cli.global.log_format == Some(Format::Json) {
        // The summary has them, too, but no collector of logs reads that.
        warnings.as_array().into_iter().flatten().filter_map(Value::as_str).for_each(|text| tracing::warn!("{text}"));
    }
    if args.format == Some(Format::Json) {
        let answer = json!({"path": published.path, "as_of": published.manifest["as_of"],
            "totals": published.manifest["totals"], "warnings": warnings});
        return print(out, &format!("{answer}\n"));
    }
    let summary = if cli.global.quiet { String::new() } else { published.summary + "\n" };
    print(out, &format!("{summary}{}\n", published.path.display()))
}

/// Prints what a check found, and ends as the run would.
fn checked(out: &mut dyn Write, found: Checked, format: Option<Format>) -> Result<()> {
    print(out, &if format == Some(Format::Json) { lines(&found.json) } else { found.text })?;
    found.problem.map_or(Ok(()), Err)
}

/// The generator's options: what was typed over its defaults.
fn simulate_options(args: &SimulateArgs) -> SimulateOptions {
    let default = SimulateOptions::default();
    let [r, alpha, a, b] = args.bgnbd.unwrap_or([default.r, default.alpha, default.a, default.b]);
    let [p, q, gamma] = args.gamma_gamma.unwrap_or([default.p, default.q, default.gamma]);
    SimulateOptions {
        output: args.output.clone(),
        overwrite: args.overwrite,
        lines: args.lines.unwrap_or(default.lines),
        lines_per_order: args.lines_per_order.unwrap_or(default.lines_per_order),
        customers: args.customers,
        scale_rate: !args.keep_rate,
        start: args.start.unwrap_or(default.start),
        end: args.end.unwrap_or(default.end),
        r,
        alpha,
        a,
        b,
        p,
        q,
        gamma,
        seed: args.seed.unwrap_or(default.seed),
        files: args.files.map_or(default.files, |files| files as usize),
        threads: args.threads.map_or(default.threads, |threads| threads as usize),
        id_kind: args.ids.map_or(default.id_kind, id_kind),
        order_ids: !args.no_order_ids,
        amount_type: args.amounts.map_or(default.amount_type, amount_type),
        share_returns: args.share_returns.unwrap_or(default.share_returns),
        share_null_ids: args.share_null_ids.unwrap_or(default.share_null_ids),
        share_duplicates: args.share_duplicates.unwrap_or(default.share_duplicates),
        share_bad_dates: args.share_bad_dates.unwrap_or(default.share_bad_dates),
        hive_by_month: args.hive_by_month,
        extra_columns: args.extra_columns,
    }
}

fn id_kind(typed: cli::IdKind) -> IdKind {
    match typed {
        cli::IdKind::Integer => IdKind::Integer,
        cli::IdKind::Short => IdKind::Short,
        cli::IdKind::Uuid => IdKind::Uuid,
    }
}

fn amount_type(typed: cli::AmountKind) -> AmountType {
    match typed {
        cli::AmountKind::Double => AmountType::Double,
        cli::AmountKind::Decimal => AmountType::Decimal,
    }
}

fn schema_text(args: &SchemaArgs) -> String {
    match (args.tables, args.format) {
        (true, Some(SchemaFormat::Json)) => lines(&schema::dictionary_json()),
        (true, _) => schema::dictionary_markdown(),
        (false, _) => lines(&json_schema()),
    }
}

fn maps(args: &MapsArgs, out: &mut dyn Write) -> Result<()> {
    let Some(name) = &args.name else {
        let list = |name: &str| Ok(format!("{name}: {}\n", segment::load(name, no_file)?.title_en));
        let texts: Result<Vec<String>> = segment::shipped().into_iter().map(list).collect();
        return print(out, &texts?.concat());
    };
    let map = segment::load(name, no_file)?;
    if args.toml {
        return print(out, segment::shipped_text(name).unwrap_or_default());
    }
    let mut text = format!("{}: {}\n", map.name, map.title_en);
    for segment in &map.segments {
        let Segment { order, key, name_en, name_zh, action_en, .. } = segment;
        text.push_str(&format!("{order:>3} {key} ({name_en}, {name_zh}): {action_en}\n"));
    }
    print(out, &text)
}

fn no_file(name: &str) -> Result<String> {
    Err(segment::unknown_map(name))
}

fn lint_map(args: &LintMapArgs, out: &mut dyn Write) -> Result<()> {
    let map = segment::load(&args.map, |path| {
        std::fs::read_to_string(path).map_err(|error| segment::unknown_map(path).cause(format!("`{path}`: {error}")))
    })?;
    // A published run has its own decimals, and the census looks at them.
    let lint = map.for_money(CleanOptions::default().money_scale).lint();
    let gaps = lint.check();
    // A map with gaps is put to nobody; what it lacks is told either way.
    let data = args.data.as_ref().filter(|_| gaps.is_ok());
    let census = data.map(|data| map_census::census(&map, data)).transpose();
    let found = census.as_ref().ok().and_then(Option::as_ref);
    print(
        out,
        &if args.format == Some(Format::Json) {
            let mut json = lint.to_json();
            json["data"] = json!(found);
            lines(&json)
        } else {
            let census = found.map(|census| census.render_text() + "\n").unwrap_or_default();
            format!("{}\n{census}", lint.render_text())
        },
    )?;
    gaps.and(census.map(drop))
}

/// JSON, indented, with a line break at its end.
fn lines(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// Prints data. A reader that has gone away (`| head`) is no failure.
fn print(out: &mut dyn Write, text: &str) -> Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::write("standard output cannot be written").cause(error))
        }
        _ => Ok(()),
    }
}

/// True where colours are wanted on stderr.
#[must_use]
pub fn wants_colour(global: &GlobalArgs) -> bool {
    match global.color {
        Some(cli::Color::Always) => true,
        Some(cli::Color::Never) => false,
        Some(cli::Color::Auto) | None => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    }
}
