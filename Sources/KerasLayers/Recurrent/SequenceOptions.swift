import KerasGraph

/// How a recurrent layer goes through sequences, and what it returns.
struct SequenceOptions: Sendable {
  var returnsSequences = false
  var returnsState = false
  var goesBackwards = false
  var isStateful = false
  var isUnrolled = false
  var zeroesMaskedOutputs = false
  /// Whether time comes before the batch; of TF-Keras.
  var isTimeMajor = false
}

extension SequenceOptions {
  init(_ settings: Configuration) throws(KerasError) {
    guard try settings.integer("num_constants", default: 0) == 0 else {
      throw KerasError(
        .unsupported, "A recurrent layer with constants of its caller's is not supported.",
        remedy: "let the cell make them in constants(for:in:).")
    }
    settings.ignore("_num_constants")
    returnsSequences = try settings.boolean("return_sequences", default: false)
    returnsState = try settings.boolean("return_state", default: false)
    goesBackwards = try settings.boolean("go_backwards", default: false)
    isStateful = try settings.boolean("stateful", default: false)
    isUnrolled = try settings.boolean("unroll", default: false)
    zeroesMaskedOutputs = try settings.boolean("zero_output_for_mask", default: false)
    isTimeMajor = try settings.boolean("time_major", default: false)
  }

  func write(to config: inout JSONObject) {
    config["return_sequences"] = .bool(returnsSequences)
    config["return_state"] = .bool(returnsState)
    config["go_backwards"] = .bool(goesBackwards)
    config["stateful"] = .bool(isStateful)
    config["unroll"] = .bool(isUnrolled)
    config["zero_output_for_mask"] = .bool(zeroesMaskedOutputs)
    // Keras 3 does not know it.
    if isTimeMajor { config["time_major"] = true }
  }
}
