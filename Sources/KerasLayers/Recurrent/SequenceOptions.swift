import KerasGraph

/// How a recurrent layer goes through sequences, and what it returns.
struct SequenceOptions: SettingGroup {
  @Setting("return_sequences") var returnsSequences = false
  @Setting("return_state") var returnsState = false
  @Setting("go_backwards") var goesBackwards = false
  @Setting("stateful") var isStateful = false
  @Setting("unroll") var isUnrolled = false
  @Setting("zero_output_for_mask") var zeroesMaskedOutputs = false
  /// Whether time comes before the batch; of TF-Keras. Keras 3 does not know it.
  @Setting("time_major", Bool.settingCodec.omitting { !$0 }) var isTimeMajor = false
  /// How many of the layer's inputs are not states but the same for every step; of Keras 2.
  @Setting("num_constants", Int.settingCodec.requiring("a number from 0 up") { $0 >= 0 }.omitting { $0 == 0 })
  var constantCount = 0
}
