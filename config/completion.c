#include "config/completion.h"

#include "config/help.h"

#include <string.h>

/* Room for the values of any option. */
#define VALUES_BYTES 128

/* What a shell offers for the option's value, in a row; "" where it cannot know one. */
static void write_values(const struct option *option, char values[VALUES_BYTES])
{
    size_t used = 0;
    values[0] = '\0';
    if (option == &option_table[OPTION_HELP]) {
        help_write_forms(" ", " ", values);
        return;
    }
    if (option->choices == NULL)
        return;
    for (int64_t i = 0; i <= option->maximum; i++)
        used += (size_t)snprintf(values + used, VALUES_BYTES - used, "%s%s", used > 0 ? " " : "",
                                 option->choices[i]);
}

static bool takes_file(const struct option *option)
{
    return option->metavar != NULL &&
           (strcmp(option->metavar, "FILE") == 0 || strcmp(option->metavar, "PATH") == 0);
}

/* With a backslash before each of `special`; a quote ends the quotes, stands for itself, and begins
   them again. */
static void print_escaped(FILE *output, const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (strchr(special, *text) != NULL)
            (void)fputc('\\', output);
        (void)fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, output);
    }
}

/* ---- bash ------------------------------------------------------------------------------------ */

/* bash splits a word at its equals sign: "--log=x" is three. */
static const char bash_begin[] =
    "# bash completion of awaitd: awaitd --completion bash\n"
    "_awaitd() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    if [ \"$word\" = = ]; then\n"
    "        word=\n"
    "    elif [ \"$flag\" = = ]; then\n"
    "        flag=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    case $flag in\n";

static const char bash_end[] = "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$word\")\n"
                               "}\n"
                               "complete -F _awaitd awaitd\n";

static void print_bash(FILE *output)
{
    char name[NAME_TEXT_BYTES];
    char values[VALUES_BYTES];
    (void)fputs(bash_begin, output);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &option_table[i];
        if (option->metavar == NULL)
            continue;
        option_name(option, NAME_FLAG, name);
        write_values(option, values);
        (void)fprintf(output, "    %s)\n", name);
        if (takes_file(option))
            (void)fputs("        compopt -o filenames 2>/dev/null\n"
                        "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n",
                        output);
        else if (values[0] != '\0')
            (void)fprintf(
                output, "        mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\")\n", values);
        (void)fputs("        return ;;\n", output);
    }
    (void)fputs("    esac\n    local flags='", output);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        option_name(&option_table[i], NAME_FLAG, name);
        (void)fprintf(output, "%s%s", i > 0 ? " " : "", name);
    }
    (void)fprintf(output, "'\n%s", bash_end);
}

/* ---- zsh ------------------------------------------------------------------------------------- */

static void print_zsh_value(FILE *output, const struct option *option)
{
    char values[VALUES_BYTES];
    write_values(option, values);
    (void)fprintf(output, ":%s:", option->metavar);
    if (takes_file(option))
        (void)fputs("_files", output);
    else if (values[0] != '\0')
        (void)fprintf(output, "(%s)", values);
}

/* As a file of $fpath, and as what is sourced. */
static void print_zsh(FILE *output)
{
    (void)fputs("#compdef awaitd\n"
                "# zsh completion of awaitd: awaitd --completion zsh\n"
                "_awaitd() {\n"
                "    _arguments \\\n",
                output);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &option_table[i];
        bool is_help = option == &option_table[OPTION_HELP];
        char name[NAME_TEXT_BYTES];
        option_name(option, NAME_FLAG, name);
        (void)fprintf(output, "        '%s%s[", name,
                      option->metavar == NULL || is_help ? "" : "=");
        print_escaped(output, option->meaning, "[]:\\");
        (void)fputc(']', output);
        if (is_help)
            (void)fputc(':', output); /* a second colon: the value may be left out */
        if (option->metavar != NULL)
            print_zsh_value(output, option);
        (void)fputs(i + 1 < OPTION_COUNT ? "' \\\n" : "'\n", output);
    }
    (void)fputs("}\n"
                "if [ \"${funcstack[1]}\" = _awaitd ]; then\n"
                "    _awaitd \"$@\"\n"
                "else\n"
                "    compdef _awaitd awaitd\n"
                "fi\n",
                output);
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void print_fish_text(FILE *output, const char *text)
{
    (void)fputc('\'', output);
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            (void)fputc('\\', output);
        (void)fputc(*text, output);
    }
    (void)fputc('\'', output);
}

static void print_fish(FILE *output)
{
    (void)fputs("# fish completion of awaitd: awaitd --completion fish\ncomplete -c awaitd -f\n",
                output);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &option_table[i];
        char name[NAME_TEXT_BYTES];
        char values[VALUES_BYTES];
        option_name(option, NAME_FLAG, name);
        write_values(option, values);
        (void)fprintf(output, "complete -c awaitd -l %s", name + strlen("--"));
        if (option->letter != '\0')
            (void)fprintf(output, " -s %c", option->letter);
        if (takes_file(option))
            (void)fputs(" -r -F", output);
        else if (option->metavar != NULL)
            (void)fputs(" -x", output);
        if (values[0] != '\0')
            (void)fprintf(output, " -a '%s'", values);
        (void)fputs(" -d ", output);
        print_fish_text(output, option->meaning);
        (void)fputc('\n', output);
    }
}

bool completion_print(FILE *output, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(output);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(output);
    else if (strcmp(shell, "fish") == 0)
        print_fish(output);
    else
        return false;
    return true;
}
