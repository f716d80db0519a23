import KerasGraph

/// The product of tensors, element by element, with broadcasting.
///
/// Masked steps of one input count as 1; steps that all inputs mask become 0.
public final class Multiply: Merge, @unchecked Sendable {
  override var skipsMaskedSteps: Bool { true }
  override func combine(_ a: RecordedValue, _ b: RecordedValue) -> RecordedValue { a * b }

  override func merge(_ inputs: [RecordedValue], masks: [RecordedValue?]) -> RecordedValue {
    let factors = zip(inputs, masks).map { x, mask in mask.map { x.kept(where: $0, else: 1) } ?? x }
    let product = super.merge(factors, masks: masks)
    let known = masks.compactMap { $0 }
    guard let first = known.first, known.count == inputs.count else { return product }
    let isSomething = known.dropFirst().reduce(first) { $0.combined(.logicalOr, with: $1) }
    return product.kept(where: isSomething, else: 0)
  }
}
