import KerasGraph

/// The largest of tensors, element by element, with broadcasting; masked steps do not take part.
public final class Maximum: Extreme, @unchecked Sendable {
  override func combine(_ a: RecordedValue, _ b: RecordedValue) -> RecordedValue {
    a.combined(.maximum, with: b)
  }
}

/// The smallest of tensors, element by element, with broadcasting; masked steps do not take part.
public final class Minimum: Extreme, @unchecked Sendable {
  override func combine(_ a: RecordedValue, _ b: RecordedValue) -> RecordedValue {
    a.combined(.minimum, with: b)
  }
}

/// What ``Maximum`` and ``Minimum`` have in common: where one side is masked, the other's element stands for both.
public class Extreme: Merge, @unchecked Sendable {
  override var skipsMaskedSteps: Bool { true }

  override func merge(_ inputs: [RecordedValue], masks: [RecordedValue?]) -> RecordedValue {
    var (result, known) = (inputs[0], masks[0])
    for (input, mask) in zip(inputs, masks).dropFirst() {
      let next = mask.map { [result] in input.kept(where: $0, else: result) } ?? input
      if let before = known { result = result.kept(where: before, else: next) }
      known = known.flatMap { before in mask.map { before.combined(.logicalOr, with: $0) } }
      result = combine(result, next)
    }
    return result
  }
}
