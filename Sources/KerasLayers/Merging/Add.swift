import KerasGraph

/// The sum of tensors, element by element, with broadcasting.
public final class Add: Merge, @unchecked Sendable {
  override func combine(_ a: RecordedValue, _ b: RecordedValue) -> RecordedValue { a + b }
}

/// The first of two tensors minus the second, element by element, with broadcasting.
public final class Subtract: Merge, @unchecked Sendable {
  override var inputCounts: ClosedRange<Int> { 2...2 }
  override func combine(_ a: RecordedValue, _ b: RecordedValue) -> RecordedValue { a - b }
}

/// The mean of tensors, element by element, with broadcasting.
public final class Average: Merge, @unchecked Sendable {
  override func combine(_ a: RecordedValue, _ b: RecordedValue) -> RecordedValue { a + b }

  override func merge(_ inputs: [RecordedValue], masks: [RecordedValue?]) -> RecordedValue {
    super.merge(inputs, masks: masks) / Double(inputs.count)
  }
}
