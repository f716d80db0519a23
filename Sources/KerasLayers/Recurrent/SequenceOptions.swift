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
  /// How many of the layer's inputs are not states but the same for every step; of Keras 2.
  var constantCount = 0
}

extension SequenceOptions {
  init(_ settings: Configuration) throws(KerasError) {
    settings.ignore("_num_constants")
    constantCount = try settings.integer("num_constants", default: 0)
    guard constantCount >= 0 else {
      throw settings.wrong("num_constants", "a number from 0 up", .integer(constantCount))
    }
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
    // Keras 3 does not know these.
    if isTimeMajor { config["time_major"] = true }
    if constantCount > 0 { config["num_constants"] = .integer(constantCount) }
  }
}
