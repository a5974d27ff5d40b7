//! What texts can say.

use super::*;

#[track_caller]
fn says(text: &str, wanted: &str) {
    assert_eq!(said(text, Data::sales(6)).map(|all| all.join("|")), Ok(wanted.to_owned()), "{text}");
}

#[test]
fn numbers_are_written_for_people() {
    says(
        "{{ 1234567|number }} {{ 1234.5|number }} {{ 0.5|number(0) }} {{ -1234.567|number(1) }}",
        "1,234,567 1,234.50 0 -1,234.6",
    );
    says(
        "{{ 0.256|percent }} {{ 1|divided_by(3)|percent(2) }} {{ 1|divided_by(0)|percent }}",
        "25.6 % 33.33 % –",
    );
    says("{{ 2048|bytes }} {{ 12|bytes }} {{ 5000000000|bytes }}", "2.0 KiB 12 B 4.7 GiB");
    says(
        "{{ 2|plus(3) }} {{ 2|minus(3) }} {{ 2|times(0.5) }} {{ 7 - 2 }} {{ 7 / 2 }} {{ 7 % 2 }} {{ -3|abs }}",
        "5 -1 1.0 5 3.5 1 3",
    );
    says("{{ 2.345|round(2) }} {{ 2.5|round }} {{ 7|round }}", "2.35 3.0 7");
    says(
        "{{ 1|plural('row', 'rows') }}, {{ 0|plural('row', 'rows') }}, {{ 1200|plural('row', 'rows') }}",
        "1 row, 0 rows, 1,200 rows",
    );
    says("{{ -0.001|number(2) }} {{ 9007199254740993|number }}", "0.00 9,007,199,254,740,993");
}

#[test]
fn dates_are_written_as_one_likes() {
    says("{{ rows[0].day|date }} {{ rows[5].day|date('%d.%m.%Y, %A') }}", "2024-10-04 05.10.2024, Saturday");
    says("{{ rows[0].day|datetime }} {{ rows[0].day|date('%b %j %V %%') }}", "2024-10-04 00:00 Oct 278 40 %");
    says("{{ none|date }} {% if rows[0].day < rows[5].day %}earlier{% endif %}", "– earlier");
}

#[test]
fn lists_are_taken_apart_and_put_together() {
    says("{{ rows|map('region')|join }}", "north, south, east, north, south, east");
    says(
        "{{ rows|map('units')|sort|join(' ') }} {{ rows|sort('units', true)|map('units')|join(' ') }}",
        "0 2 4 6 10  10 6 4 2 0",
    );
    says(
        "{{ rows|where('region', 'east')|length }} {{ rows|first(2)|map('units')|join }} {{ rows|last(2)|map('units')|join('/') }}",
        "2 0, 2 /10",
    );
    says(
        "{{ rows|sum('units') }} {{ rows|mean('units') }} {{ rows|min('day') }} {{ rows|max('units') }}",
        "22.0 4.4 2024-10-04 10",
    );
    says(
        "{{ rows|where('region', 'west')|max('units') is none }} {{ (rows|first).region|upper }} {{ (rows|reverse|first).region }}",
        "yes NORTH east",
    );
}

#[test]
fn paragraphs_and_lists_come_out_as_they_are_written() {
    let text = "One\ntwo.\n\n- a\n- b\n  goes on\n\nThree {{ rows[0].nothing|default('x') }}\n{% if count > 5 %}\n- c\n{% else %}- d{% endif %}";
    says(text, "One\ntwo.|* a|* b goes on|Three x|* c");
    says(
        "{%- for row in rows -%} {{- loop.index }}{{ '' if loop.last else ' ' }} {%- endfor -%}",
        "1 2 3 4 5 6",
    );
    says(
        "{{ 'a' if count > 3 and not (count == 4) else 'b' }} {{ 'or' in 'north' }} {{ rows[0].units is number }}",
        "a yes yes",
    );
    says("{# nothing #}{{ \"{{ not this }}\" }}", "{{ not this }}");
}
