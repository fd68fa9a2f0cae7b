"""`python -m fanfold` is the command `fanfold`."""

from fanfold.cli.main import main

main()
