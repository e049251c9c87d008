# Completion of heihachi for fish: put it into ~/.config/fish/completions.

function __heihachi_process -d 'The command is process, with its name or without'
    not __fish_use_subcommand; and not __fish_seen_subcommand_from features compare-fingerprints similar info version help
end

complete -c heihachi -n __fish_use_subcommand -a process -d 'analyse tracks and write results, arrays and a page for each'
complete -c heihachi -n __fish_use_subcommand -a features -d 'write the raw arrays of functions named as in librosa'
complete -c heihachi -n __fish_use_subcommand -a compare-fingerprints -d 'tell how far two tracks are apart, and why'
complete -c heihachi -n __fish_use_subcommand -a similar -d 'list the tracks of a folder that are nearest to one'
complete -c heihachi -n __fish_use_subcommand -a info -d 'tell what a sound file holds, without analysing it'
complete -c heihachi -n __fish_use_subcommand -a version -d 'print the version of the program and what it runs on'
complete -c heihachi -n __fish_use_subcommand -a help -d 'show help for a command'
complete -c heihachi -n __fish_use_subcommand -l version -d 'print the version'
complete -c heihachi -n __fish_use_subcommand -l help -s h -d 'show the commands'
complete -c heihachi -f -n '__fish_seen_subcommand_from help' -a 'process features compare-fingerprints similar info version help'

complete -c heihachi -n __heihachi_process -l output -s o -r -d 'where to write'
complete -c heihachi -n __heihachi_process -l profile -x -a 'fast default full' -d 'what to compute'
complete -c heihachi -n __heihachi_process -l features -x -a 'loudness spectral mfcc rhythm harmony hpss pitch pyin fingerprint all' -d 'compute these'
complete -c heihachi -n __heihachi_process -l format -x -a 'json csv yaml md' -d 'formats of the result'
complete -c heihachi -n __heihachi_process -l plots -d 'also draw plots'
complete -c heihachi -n __heihachi_process -l config -r -d 'read options from a YAML file'
complete -c heihachi -n __heihachi_process -l threads -x -d 'number of threads'
complete -c heihachi -n __heihachi_process -l cache-dir -r -d 'folder of kept analyses'
complete -c heihachi -n __heihachi_process -l skip-existing -d 'leave alone what has a result'
complete -c heihachi -n __heihachi_process -l resume -d 'do what is missing or out of date'
complete -c heihachi -n __heihachi_process -l verbose -s v -d 'say more'
complete -c heihachi -n __heihachi_process -l quiet -s q -d 'say nothing but errors'
complete -c heihachi -n __heihachi_process -l log-file -r -d 'append what is said to a file'
complete -c heihachi -n __heihachi_process -l help -s h -d 'show help'

complete -c heihachi -n '__fish_seen_subcommand_from features' -l feature -x -a '(heihachi features --list 2>/dev/null | string match -r "^[a-z]\S*")' -d 'a function named as in librosa'
complete -c heihachi -n '__fish_seen_subcommand_from features' -l sr -x -a 'native' -d 'resample to this rate'
complete -c heihachi -n '__fish_seen_subcommand_from features' -l channels -d 'keep the channels'
complete -c heihachi -n '__fish_seen_subcommand_from features' -l output -s o -r -d 'where to write'
complete -c heihachi -n '__fish_seen_subcommand_from features' -l threads -x -d 'number of threads'
complete -c heihachi -n '__fish_seen_subcommand_from features' -l list -d 'print every function with its parameters'
complete -c heihachi -n '__fish_seen_subcommand_from features' -l help -s h -d 'show help'

complete -c heihachi -n '__fish_seen_subcommand_from compare-fingerprints' -l json -d 'print JSON'
complete -c heihachi -n '__fish_seen_subcommand_from compare-fingerprints' -l threads -x -d 'number of threads'
complete -c heihachi -n '__fish_seen_subcommand_from compare-fingerprints' -l help -s h -d 'show help'

complete -c heihachi -n '__fish_seen_subcommand_from similar' -l count -s n -x -d 'how many to show'
complete -c heihachi -n '__fish_seen_subcommand_from similar' -l json -d 'print JSON'
complete -c heihachi -n '__fish_seen_subcommand_from similar' -l threads -x -d 'number of threads'
complete -c heihachi -n '__fish_seen_subcommand_from similar' -l help -s h -d 'show help'

complete -c heihachi -n '__fish_seen_subcommand_from info' -l json -d 'print JSON'
complete -c heihachi -n '__fish_seen_subcommand_from info' -l help -s h -d 'show help'

complete -c heihachi -n '__fish_seen_subcommand_from version' -l help -s h -d 'show help'

complete -c heihachi -n '__fish_seen_subcommand_from help' -l table -d 'print the table of options'
complete -c heihachi -n '__fish_seen_subcommand_from help' -l help -s h -d 'show help'
