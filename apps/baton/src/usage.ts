import { BatonError, nearest, plural } from '@baton/kernel';
import { Command, type CommanderError } from 'commander';

/** A wrong call for which the help is the best answer: printed after the error. */
export class MissingCommand extends BatonError {
  readonly help: string;

  constructor(message: string, hint: string, help: string) {
    super('USAGE', message, { hint });
    this.help = help;
  }
}

/** Commander, but wrong calls are our own errors: one line, the nearest known word, and where to look. */
export class BatonCommand extends Command {
  override createCommand(name?: string): BatonCommand {
    return new BatonCommand(name);
  }

  /** `baton image build`. */
  get fullName(): string {
    const parent = this.parent;
    return parent instanceof BatonCommand ? `${parent.fullName} ${this.name()}` : this.name();
  }

  override error(message: string, options?: Parameters<Command['error']>[1]): never {
    throw this.usageError(options?.code ?? '', message);
  }

  /** Commander calls this where a command is missing; `--help` goes another way. */
  override help(): never {
    const where = this.parent === null ? '' : ` after "${this.fullName}"`;
    throw new MissingCommand(
      `expected a command${where}, found none`,
      `"${this.fullName} --help" shows the commands.`,
      this.helpInformation(),
    );
  }

  private usageError(code: string, message: string): BatonError {
    const word = /'([^']*)'/.exec(message)?.[1] ?? '';
    const help = `"${this.fullName} --help" shows`;
    switch (code) {
      case 'commander.unknownOption': {
        const meant = nearest(word, this.knownFlags());
        return new BatonError('USAGE', `unknown option "${word}" for "${this.fullName}"`, {
          hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}${help} the options.`,
        });
      }
      case 'commander.unknownCommand': {
        const meant = nearest(
          word,
          this.commands.map((command) => command.name()),
        );
        const where = this.parent === null ? '' : ` after "${this.fullName}"`;
        return new BatonError('USAGE', `unknown command "${word}"${where}`, {
          hint: `${meant === undefined ? '' : `Did you mean "${meant}"? `}${help} the commands.`,
        });
      }
      case 'commander.missingArgument':
        return new BatonError('USAGE', `"${this.fullName}" needs <${word}>, found nothing for it`, {
          hint: `Usage: ${this.fullName} ${usageOf(this)}`.trimEnd(),
        });
      case 'commander.optionMissingArgument':
        return new BatonError('USAGE', `option "${word}" needs a value, found nothing`, {
          hint: `${help} what it takes.`,
        });
      case 'commander.excessArguments': {
        const most = this.registeredArguments.length;
        return new BatonError(
          'USAGE',
          `"${this.fullName}" takes ${most === 0 ? 'no arguments' : `at most ${plural(most, 'argument')}`}, found ${this.args.length}: ${this.args.join(' ')}`,
          { hint: `Usage: ${this.fullName} ${usageOf(this)}`.trimEnd() },
        );
      }
      default:
        return new BatonError('USAGE', message.replace(/^error: /, ''), { hint: `${help} what it takes.` });
    }
  }

  private knownFlags(): string[] {
    const own = this.options.flatMap((option) => [option.long, option.short]);
    const above = this.parent instanceof BatonCommand ? this.parent.knownFlags() : [];
    return [...own.filter((flag) => flag !== undefined && flag !== null), ...above, '--help'];
  }
}

/** Whether commander stopped because it has printed the help, which is no error. */
export function isHelpShown(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && error.code === 'commander.helpDisplayed';
}

/** `[options] [path]`: what follows the name of a command. */
export function usageOf(command: Command): string {
  const words = command.registeredArguments.map(argumentWord);
  return [...(command.options.length === 0 ? [] : ['[options]']), ...words].join(' ');
}

/** `<to>` for an argument that must be given, `[path]` for one that may. */
export function argumentWord(argument: Command['registeredArguments'][number]): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
