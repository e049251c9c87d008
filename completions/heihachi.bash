# Completion of heihachi for bash: put it into the folder of bash-completion, or source it.

_heihachi()
{
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}" options=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'process features compare-fingerprints similar info version help' -- "$current") $(compgen -f -- "$current"))
        return
    fi
    case "$previous" in
        --profile) COMPREPLY=($(compgen -W 'fast default full' -- "$current")); return ;;
        --features) COMPREPLY=($(compgen -W 'loudness spectral mfcc rhythm harmony hpss pitch pyin fingerprint all' -- "$current")); return ;;
        --format) COMPREPLY=($(compgen -W 'json csv yaml md' -- "$current")); return ;;
        --feature)
            COMPREPLY=($(compgen -W "$(heihachi features --list 2>/dev/null | sed -n 's/^\([a-z][^ ]*\).*/\1/p')" -- "$current"))
            return ;;
        --sr) COMPREPLY=($(compgen -W 'native' -- "$current")); return ;;
        --output | -o | --config | --cache-dir | --log-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    esac
    case "$command" in
        process) options='--output --profile --features --format --plots --config --threads --cache-dir --skip-existing --resume --verbose --quiet --log-file --help' ;;
        features) options='--feature --sr --channels --output --threads --list --help' ;;
        compare-fingerprints) options='--json --threads --help' ;;
        similar) options='--count --json --threads --help' ;;
        info) options='--json --help' ;;
        version) options='--help' ;;
        help) options='--table --help' ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    elif [[ $command == help ]]; then
        COMPREPLY=($(compgen -W 'process features compare-fingerprints similar info version help' -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}

complete -o filenames -F _heihachi heihachi
