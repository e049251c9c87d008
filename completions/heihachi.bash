# Completion of heihachi for bash: put it into the folder of bash-completion, or source it.

# Of a list with commas the last word is completed.
_heihachi_list()
{
    local last="${current##*,}"
    COMPREPLY=($(compgen -P "${current%"$last"}" -W "$1" -- "$last"))
}

_heihachi()
{
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}" options=
    local commands='process features compare-fingerprints similar live perf info version help'
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "$commands --help --version" -- "$current") $(compgen -f -- "$current"))
        return
    fi
    # --option=value comes as three words
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous="${COMP_WORDS[COMP_CWORD-2]}"
    fi
    case "$previous" in
        --profile) COMPREPLY=($(compgen -W 'fast default full' -- "$current")); return ;;
        --features) _heihachi_list 'loudness spectral mfcc rhythm harmony hpss pitch pyin fingerprint all'; return ;;
        --format)
            if [[ $command == live ]]; then
                COMPREPLY=($(compgen -W 'f32 s16' -- "$current"))
            else
                _heihachi_list 'json csv yaml md'
            fi
            return ;;
        --bank) COMPREPLY=($(compgen -W 'octaves goertzel lanes sliding' -- "$current")); return ;;
        --feature)
            COMPREPLY=($(compgen -W "$(heihachi features --list 2>/dev/null | sed -n 's/^\([a-z][^ ]*\).*/\1/p')" -- "$current"))
            return ;;
        --sr) COMPREPLY=($(compgen -W 'native' -- "$current")); return ;;
        --output | -o | --config | --cache-dir | --log-file | --file | --record | --replay) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --threads | --count | -n | --device | --rate | --channels | --mix | --latency | --bpm | --silence | --levels) return ;;
        --notes | --bottom | --stagger | --send | --http | --threshold | --only | --higher | --lower) return ;;
    esac
    [[ " $commands " == *" $command "* ]] || command=process
    case "$command" in
        process) options='--output --profile --features --format --plots --config --threads --cache-dir --skip-existing --resume --verbose --quiet --log-file --help' ;;
        features) options='--feature --sr --channels --output --threads --list --help' ;;
        compare-fingerprints) options='--json --threads --help' ;;
        similar) options='--count --json --threads --help' ;;
        live) options='--device --list-devices --file --fast --rate --format --channels --mix --json --quiet --latency --bpm --silence --levels --notes --bottom --bank --stagger --send --record --replay --http --help' ;;
        perf) options='--threshold --only --higher --lower --all --json --help' ;;
        info) options='--json --help' ;;
        version) options='--help' ;;
        help) options='--table --help' ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    elif [[ $command == help ]]; then
        COMPREPLY=($(compgen -W "$commands" -- "$current"))
    elif [[ $command == perf && $COMP_CWORD == 2 ]]; then
        COMPREPLY=($(compgen -W 'compare' -- "$current"))
    elif [[ $command != version && $command != live ]]; then
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}

complete -o filenames -F _heihachi heihachi
