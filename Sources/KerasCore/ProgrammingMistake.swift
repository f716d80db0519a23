/// Stops the program with a sentence, optimised programs too, where `preconditionFailure` would say nothing.
///
/// For mistakes in a program's text that types cannot forbid and that no `throws` can report: a literal of the wrong
/// length, memory read as another type, a negative length. Whatever comes from outside throws a ``KerasError`` instead.
@inline(never)
@usableFromInline
package func programmingMistake(_ sentence: String) -> Never { fatalError(sentence) }
