"""Resolves every table and column, in the order of the text; raises SqlProblem where AMC's validator
would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from amcsim.catalogue import Table
from amcsim.sql.facts import facts_of, has_aggregate, walk_expression
from amcsim.sql.grouping import (
    check_folding,
    check_grouping,
    expand_aliases,
    group_by_position,
    grouped_values,
)
from amcsim.sql.joins import joined_by_users
from amcsim.sql.options import SqlOptions
from amcsim.sql.problem import SqlProblem, span_of
from amcsim.sql.relations import CONSTANT, Analysis, ColumnFacts, Relation, SelectPlan, TableUse
from amcsim.sql.scope import Scope

_Env = Mapping[str, Relation]
_RESERVED = "__"
"""What the names of hidden columns begin with."""


def analyse(tree: exp.Query, tables: Mapping[str, Table], *, options: SqlOptions) -> Analysis:
    """Return what *tree* reads and yields."""
    analyst = _Analyst(tables, options)
    analyst.analysis.output = analyst.query(tree, {}, outer=None)
    return analyst.analysis


class _Analyst:
    def __init__(self, tables: Mapping[str, Table], options: SqlOptions) -> None:
        self._tables = tables
        self._options = options
        self.analysis = Analysis(output=Relation({}, has_users=False, aggregated=False))

    def query(
        self, node: exp.Query, env: _Env, *, outer: Scope | None, in_expression: bool = False
    ) -> Relation:
        """Return the relation that *node* yields; *outer* is what a correlated query may also see."""
        if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query):
            raise SqlProblem("Unsupported construct in brackets", span_of(node))
        env = self._with_ctes(node, env)
        if isinstance(node, exp.Subquery):
            relation = self.query(node.this, env, outer=outer, in_expression=in_expression)
        elif isinstance(node, exp.SetOperation):
            relation = self._set_operation(node, env, outer, in_expression=in_expression)
        elif isinstance(node, exp.Select):
            relation = self._select(node, env, outer, in_expression=in_expression)
        else:
            raise SqlProblem(f"Unsupported construct {type(node).__name__.upper()}", span_of(node))
        self.analysis.relations[id(node)] = relation
        return relation

    def _with_ctes(self, node: exp.Query, env: _Env) -> _Env:
        known = dict(env)
        named: set[str] = set()
        for cte in node.ctes:
            name = cte.alias.lower()
            if name in named:
                raise SqlProblem(f"Duplicate name '{cte.alias}' in WITH clause", span_of(cte.args["alias"]))
            relation = self.query(cte.this, known, outer=None)
            known[name] = _renamed(relation, cte)
            named.add(name)
        return known

    def _set_operation(
        self, node: exp.SetOperation, env: _Env, outer: Scope | None, *, in_expression: bool
    ) -> Relation:
        # unions lean to the left, and a workflow may have hundreds of them
        spine = [node]
        while isinstance(spine[-1].this, exp.SetOperation) and not spine[-1].this.ctes:
            spine.append(spine[-1].this)
        left = self.query(spine[-1].this, env, outer=outer, in_expression=in_expression)
        for operation in reversed(spine):
            right = self.query(operation.expression, env, outer=outer, in_expression=in_expression)
            left = self.analysis.relations[id(operation)] = _united(left, right, operation=operation)
        return left

    def _select(self, node: exp.Select, env: _Env, outer: Scope | None, *, in_expression: bool) -> Relation:
        sources = self._sources(node, env, outer)
        scope = Scope(
            sources, outer, analysis=self.analysis, options=self._options, using=_names_used(node, sources)
        )
        self._expand_stars(node, sources)
        expand_aliases(node, sources)
        self._visit_nested(node, env, scope)
        check_folding(node)
        aggregates = bool(node.args.get("group")) or any(has_aggregate(item) for item in _folding_parts(node))
        by_users = joined_by_users(node, sources)
        columns = self._outputs(node, scope, aggregates=aggregates, by_users=by_users)
        group_by_position(node)
        for part in _clause_parts(node):
            scope.prefers_aliases = isinstance(part, exp.Order)
            facts_of(part, scope)
        _compare_used(node, sources, scope)
        if aggregates:
            check_grouping(node, self.analysis.resolved)
            for key in grouped_values(node):
                scope.group(key, facts_of(key, scope))
        relation = Relation(
            columns,
            has_users=scope.has_users,
            aggregated=aggregates
            or bool(node.args.get("distinct"))
            or all(source.aggregated for source in sources.values() if source.has_users),
            origins=frozenset[int]().union(*(source.origins for source in sources.values())),
        )
        plan = SelectPlan(node, sources, aggregates, relation, in_expression, by_users)
        self.analysis.plans.append(plan)
        return relation

    def _sources(self, node: exp.Select, env: _Env, outer: Scope | None) -> dict[str, Relation]:
        sources: dict[str, Relation] = {}
        origin = node.args.get("from_")
        places = [origin.this] if origin is not None else []
        places += [join.this for join in node.args.get("joins") or ()]
        places += node.args.get("laterals") or ()
        for number, place in enumerate(places, start=1):
            relation = self._source(place, env, outer)
            name = place.alias_or_name or f"_source{number}"
            if not place.alias_or_name:
                place.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
            if name.lower() in sources:
                raise SqlProblem(f"Duplicate relation name '{name}' in FROM clause", span_of(place))
            sources[name.lower()] = relation
        return sources

    def _source(self, place: exp.Expr, env: _Env, outer: Scope | None) -> Relation:
        if isinstance(place, exp.Table):
            return self._table(place, env)
        if isinstance(place, exp.Subquery):
            return _renamed(self.query(place, env, outer=outer), place)
        if isinstance(place, exp.Values):
            return _values(place)
        raise SqlProblem(
            f"Unsupported construct {type(place).__name__.upper()} in FROM clause", span_of(place)
        )

    def _table(self, place: exp.Table, env: _Env) -> Relation:
        use = self._extended(place) if isinstance(place.this, exp.Anonymous) else None
        name = use.table.name if use else place.name.lower()
        if use is None:
            if name in env and not place.args.get("db"):
                relation = _renamed(env[name], place)
                if relation is not env[name]:
                    self.analysis.relations[id(place)] = relation
                return relation
            if name not in self._tables:
                raise SqlProblem(f"Object '{place.name}' not found", span_of(place))
            use = TableUse(place, self._tables[name])
        if not place.alias:
            place.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
        if place.args["alias"].columns:
            raise SqlProblem("Columns of a table cannot be renamed in FROM", span_of(place.args["alias"]))
        self.analysis.uses.append(use)
        return _base(use.table, len(self.analysis.uses) - 1)

    def _extended(self, place: exp.Table) -> TableUse:
        call = place.this
        inner = call.expressions[0] if call.name.upper() == "TABLE" and len(call.expressions) == 1 else call
        literals = [
            item.name for item in inner.expressions if isinstance(item, exp.Literal) and item.is_string
        ]
        if inner.name.upper() != "EXTEND_TIME_WINDOW" or len(literals) != 3:  # noqa: PLR2004 -- its three arguments
            raise SqlProblem(f"No match found for table function {inner.name.upper()}", span_of(place))
        table = self._tables.get(literals[0].lower())
        if table is None:
            raise SqlProblem(f"Object '{literals[0]}' not found", span_of(place))
        return TableUse(place, table, literals[1], literals[2])

    def _expand_stars(self, node: exp.Select, sources: dict[str, Relation]) -> None:
        expanded: list[exp.Expr] = []
        for item in node.expressions:
            only = (
                item.table.lower()
                if isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
                else None
            )
            if not isinstance(item, exp.Star) and only is None:
                expanded.append(item)
                continue
            for name, source in sources.items():
                if only in {None, name}:
                    expanded += _starred(name, source, item)
        node.set("expressions", expanded)

    def _visit_nested(self, node: exp.Select, env: _Env, scope: Scope) -> None:
        for part in _expression_parts(node):
            for found in walk_expression(part):
                if isinstance(found, exp.Query):
                    self.query(found, env, outer=scope, in_expression=True)

    def _outputs(
        self, node: exp.Select, scope: Scope, *, aggregates: bool, by_users: bool
    ) -> dict[str, tuple[str, ColumnFacts]]:
        columns: dict[str, tuple[str, ColumnFacts]] = {}
        named = [_named(item, f"EXPR${number}") for number, item in enumerate(node.expressions)]
        node.set("expressions", named)
        for item in named:
            name = item.alias_or_name
            _refuse_reserved(name, item)
            if name.lower() in columns:
                raise SqlProblem(f"Duplicate output column name '{name}'", span_of(item))
            facts = facts_of(item, scope)
            self._note_borrowed(item)
            if aggregates and not has_aggregate(item):
                facts = facts.as_dimension()
            if not by_users:
                facts = facts.apart()
            columns[name.lower()] = (name, facts)
            scope.aliases[name.lower()] = facts
        return columns

    def _note_borrowed(self, item: exp.Expr) -> None:
        for found in walk_expression(item):
            if isinstance(found, exp.Query) and not isinstance(found.parent, exp.In | exp.Exists):
                relation = self.analysis.relations[id(found)]
                if relation.has_users:
                    self.analysis.borrowed.append((found, relation.facts()))


def _united(left: Relation, right: Relation, *, operation: exp.SetOperation) -> Relation:
    if len(left.columns) != len(right.columns):
        raise SqlProblem("Column count mismatch in UNION", span_of(operation.expression))
    pairs = zip(left.columns.items(), right.columns.values(), strict=True)
    return Relation(
        {key: (name, facts.or_else(other)) for (key, (name, facts)), (_, other) in pairs},
        has_users=left.has_users or right.has_users,
        aggregated=left.aggregated and right.aggregated,
        origins=left.origins | right.origins,
    )


def _named(item: exp.Expr, name: str) -> exp.Expr:
    if isinstance(item, exp.Alias | exp.Column):
        return item
    return exp.Alias(this=item, alias=exp.to_identifier(name, quoted=True))


def _expression_parts(node: exp.Select) -> list[exp.Expr]:
    parts: list[exp.Expr] = list(node.expressions)
    joins: list[exp.Join] = node.args.get("joins") or []
    parts += [join.args["on"] for join in joins if join.args.get("on") is not None]
    clauses = ("where", "group", "having", "order")
    parts += [node.args[name] for name in clauses if node.args.get(name) is not None]
    return parts + list(node.args.get("windows") or ())


def _clause_parts(node: exp.Select) -> list[exp.Expr]:
    return _expression_parts(node)[len(node.expressions) :]


def _folding_parts(node: exp.Select) -> list[exp.Expr]:
    having = node.args.get("having")
    return [*node.expressions, *([having] if having is not None else [])]


def _names_used(node: exp.Select, sources: Mapping[str, Relation]) -> frozenset[str]:
    names: list[exp.Expr] = [
        name for join in node.args.get("joins") or () for name in join.args.get("using") or ()
    ]
    for name in names:
        if sum(name.name.lower() in source.columns for source in sources.values()) < 2:  # noqa: PLR2004 -- both sides
            raise SqlProblem(f"Column '{name.name}' not found in any table", span_of(name))
    return frozenset(name.name.lower() for name in names)


def _compare_used(node: exp.Select, sources: Mapping[str, Relation], scope: Scope) -> None:
    for join in node.args.get("joins") or ():
        for name in join.args.get("using") or ():
            key = name.name.lower()
            sides = [source.columns[key][1] for source in sources.values() if key in source.columns]
            scope.compare([(exp.Column(this=name), facts) for facts in sides])


def _base(table: Table, number: int) -> Relation:
    origins = frozenset({number})
    columns = {
        name: (name, ColumnFacts(sensitivity=column.sensitivity, metric=column.metric, origins=origins))
        for name, column in table.columns.items()
    }
    return Relation(columns, has_users=table.has_users, aggregated=False, base=table, origins=origins)


def _values(place: exp.Values) -> Relation:
    width = len(place.expressions[0].expressions) if place.expressions else 0
    for row in place.expressions:
        if len(row.expressions) != width:
            raise SqlProblem(
                "Values passed to VALUES operator must have the same number of columns", span_of(row)
            )
    plain = {f"col{number}": (f"col{number}", CONSTANT) for number in range(width)}
    return _renamed(Relation(plain, has_users=False, aggregated=False), place)


def _renamed(relation: Relation, place: exp.Expr) -> Relation:
    alias = place.args.get("alias")
    names = [column.name for column in alias.columns] if alias is not None else []
    if not names:
        return relation
    for name in names:
        _refuse_reserved(name, place)
    if len(names) != len(relation.columns):
        raise SqlProblem("Number of columns must match number of query columns", span_of(place))
    columns = {
        name.lower(): (name, facts) for name, (_, facts) in zip(names, relation.columns.values(), strict=True)
    }
    return replace(relation, columns=columns, base=None)


def _refuse_reserved(name: str, place: exp.Expr) -> None:
    if name.startswith(_RESERVED):
        raise SqlProblem(f"Column name '{name}' is reserved: it begins with '{_RESERVED}'", span_of(place))


def _starred(name: str, source: Relation, item: exp.Expr) -> list[exp.Expr]:
    if source.base is not None:
        raise SqlProblem("SELECT * is not supported; name the columns", span_of(item))
    return [exp.column(shown, table=name, quoted=True) for shown, _ in source.columns.values()]
