import KerasGraph
import Testing

/// What one operation says of given inputs: a spec, or an error as people read it.
func outcome(_ operation: Operation, _ inputs: TensorSpec...) -> String {
  do {
    return try operation.rule.outputSpecs(for: inputs).map(\.description).joined(separator: ", ")
  } catch { return error.description }
}

func spec(_ lengths: Int?..., of dataType: DataType = .float32) -> TensorSpec {
  TensorSpec(Shape(lengths), dataType)
}
