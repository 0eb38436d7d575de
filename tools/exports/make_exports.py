"""One small random model per architecture and exporter, as users have them. Development only: `npm run make:exports` stores their structure.

    make_exports.py optimum OUT [architecture ...]   transformers 4, optimum-onnx: attention as sdpa and eager, tasks that are no generation
    make_exports.py quantized OUT [architecture ...] what optimum left in OUT, in float16, 4 bits, both, and int8
    make_exports.py genai OUT [architecture ...]     transformers 5, onnxruntime-genai's builder: cpu and webgpu, float32 to 4 bits

Each lands in OUT/<exporter>/<architecture>; what an exporter itself refuses is printed and left out.
"""
import json, logging, os, shutil, sys, warnings

warnings.filterwarnings('ignore')
os.environ.setdefault('TRANSFORMERS_VERBOSITY', 'error')
import torch

VOCABULARY = 99
BASE = dict(vocab_size=VOCABULARY, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            head_dim=16, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2)
OLD = dict(vocab_size=VOCABULARY, n_embd=64, n_layer=2, n_head=4, n_positions=64, n_inner=96, rotary_dim=8, bos_token_id=1, eos_token_id=2)
SEQ2SEQ = dict(vocab_size=VOCABULARY, d_model=64, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
               decoder_ffn_dim=96, encoder_ffn_dim=96, max_position_embeddings=64, is_decoder=True, is_encoder_decoder=False,
               decoder_start_token_id=2, forced_eos_token_id=None)
WINDOW = dict(sliding_window=8)
MROPE = dict(rope_type='default', mrope_section=[2, 3, 3], rope_theta=10000.0)
VISION = dict(depth=1, num_hidden_layers=1, hidden_size=32, intermediate_size=32, num_heads=2, num_attention_heads=2, deepstack_visual_indexes=[0])
MOE = dict(num_experts=4, num_experts_per_tok=2, moe_intermediate_size=32, decoder_sparse_step=1)


def without(*names, **more):
    return {**{k: v for k, v in BASE.items() if k not in names}, **more}


OPTIMUM = {
    **{name: BASE for name in ('arcee', 'cohere', 'gemma', 'glm', 'helium', 'llama', 'nemotron', 'olmo', 'olmo2', 'phi3', 'qwen2', 'qwen3', 'smollm3')},
    **{name: OLD for name in ('codegen', 'gpt2', 'gpt_bigcode', 'gptj')},
    **{name: SEQ2SEQ for name in ('bart', 'bigbird_pegasus', 'blenderbot', 'marian', 'mbart', 'pegasus')},
    **{name: without('head_dim') for name in ('gpt_neox', 'stablelm')},
    'bloom': dict(vocab_size=VOCABULARY, hidden_size=64, n_layer=2, n_head=4),
    'deepseek_v3': without('head_dim', q_lora_rank=24, kv_lora_rank=16, qk_rope_head_dim=8, qk_nope_head_dim=8, v_head_dim=16, n_routed_experts=4,
                           num_experts_per_tok=2, n_group=1, topk_group=1, moe_intermediate_size=32, first_k_dense_replace=1, num_key_value_heads=4),
    'falcon': without('head_dim', new_decoder_architecture=False, multi_query=True, alibi=False, ffn_hidden_size=96),
    'gemma2': {**BASE, **WINDOW, 'query_pre_attn_scalar': 16},
    'gemma3_text': {**BASE, **WINDOW, 'query_pre_attn_scalar': 16},
    'granite': {**BASE, 'attention_multiplier': 0.25, 'embedding_multiplier': 12.0},
    'gpt_neo': dict(vocab_size=VOCABULARY, hidden_size=64, num_layers=2, num_heads=4, attention_types=[[['global', 'local'], 1]],
                    max_position_embeddings=64, window_size=8, intermediate_size=96, bos_token_id=1, eos_token_id=2),
    'gpt_oss': {**BASE, **WINDOW, 'num_local_experts': 4, 'num_experts_per_tok': 2},
    'mistral': {**BASE, **WINDOW},
    'mpt': dict(vocab_size=VOCABULARY, d_model=64, n_layers=2, n_heads=4, max_seq_len=64, expansion_ratio=2),
    'opt': dict(vocab_size=VOCABULARY, hidden_size=64, ffn_dim=96, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
                word_embed_proj_dim=64, pad_token_id=1),
    'phi': without('head_dim', num_key_value_heads=4),
    'qwen3_moe': {**BASE, **MOE},
}
QUANTIZED = ('falcon', 'gemma2', 'gpt2', 'gpt_neox', 'llama', 'olmo2', 'opt', 'phi3', 'qwen3')
"""Tasks that no generation comes of: model class, architecture, task."""
OTHER_TASKS = [
    ('AutoModelForCausalLM', 'llama', 'text-generation'),
    ('AutoModelForCausalLM', 'gpt2', 'text-generation'),
    ('AutoModel', 'llama', 'feature-extraction'),
    ('AutoModel', 'qwen3', 'feature-extraction-with-past'),
    ('AutoModelForSequenceClassification', 'llama', 'text-classification'),
    ('AutoModelForSequenceClassification', 'bert', 'text-classification'),
    ('AutoModelForTokenClassification', 'bert', 'token-classification'),
    ('AutoModelForQuestionAnswering', 'distilbert', 'question-answering'),
    ('AutoModelForMaskedLM', 'bert', 'fill-mask'),
    ('AutoModelForMaskedLM', 'roberta', 'fill-mask'),
    ('AutoModelForMaskedLM', 'modernbert', 'fill-mask'),
    ('AutoModel', 'bert', 'feature-extraction'),
    ('AutoModel', 'xlm-roberta', 'feature-extraction'),
    ('AutoModel', 'mpnet', 'feature-extraction'),
]
ENCODER = without('head_dim', 'num_key_value_heads')
ENCODERS = dict(distilbert=dict(vocab_size=VOCABULARY, dim=64, n_layers=2, n_heads=4, hidden_dim=96, max_position_embeddings=64),
                modernbert=dict(ENCODER, cls_token_id=1, sep_token_id=2))

ROPE = dict(rope_type='default', rope_theta=10000.0)
LFM = {**BASE, 'layer_types': ['conv', 'full_attention'], 'conv_L_cache': 3, 'block_auto_adjust_ff_dim': False, 'rope_parameters': ROPE}
LINEAR = dict(layer_types=['linear_attention', 'full_attention'], linear_num_key_heads=2, linear_num_value_heads=4, linear_key_head_dim=16,
              linear_value_head_dim=16, linear_conv_kernel_dim=4, rope_parameters={**MROPE, 'partial_rotary_factor': 1.0})
GENAI = {
    'gemma': ('GemmaForCausalLM', 'gemma', BASE),
    'gemma2': ('Gemma2ForCausalLM', 'gemma2', {**BASE, **WINDOW, 'query_pre_attn_scalar': 16}),
    'gemma3_text': ('Gemma3ForCausalLM', 'gemma3_text', {**BASE, **WINDOW, 'query_pre_attn_scalar': 16}),
    'gpt_oss': ('GptOssForCausalLM', 'gpt_oss', {**BASE, **WINDOW, 'num_local_experts': 4, 'num_experts_per_tok': 2, 'intermediate_size': 64}),
    'granite': ('GraniteForCausalLM', 'granite', {**BASE, 'embedding_multiplier': 12.0, 'logits_scaling': 4.0, 'residual_multiplier': 0.5, 'attention_multiplier': 0.2}),
    'granite4': ('GraniteMoeHybridForCausalLM', 'granitemoehybrid', without(
        'head_dim', layer_types=['attention', 'attention'], shared_intermediate_size=96, num_local_experts=0, mamba_n_heads=4, mamba_d_head=32,
        mamba_d_state=16, mamba_n_groups=1, mamba_d_conv=4, mamba_expand=2, position_embedding_type='rope', embedding_multiplier=12.0)),
    'hunyuan': ('HunYuanDenseV1ForCausalLM', 'hunyuan_v1_dense', BASE),
    'ernie4_5': ('Ernie4_5ForCausalLM', 'ernie4_5', BASE),
    'lfm2': ('Lfm2ForCausalLM', 'lfm2', LFM),
    'lfm2_moe': ('Lfm2MoeForCausalLM', 'lfm2_moe', {**LFM, 'num_experts': 4, 'num_experts_per_tok': 2, 'moe_intermediate_size': 32, 'num_dense_layers': 1}),
    'llama': ('LlamaForCausalLM', 'llama', BASE),
    'llama-tied': ('LlamaForCausalLM', 'llama', {**BASE, 'tie_word_embeddings': True}),
    'mistral': ('MistralForCausalLM', 'mistral', {**BASE, **WINDOW}),
    'nemotron': ('NemotronForCausalLM', 'nemotron', {**BASE, 'head_dim': 32}),
    'olmo': ('OlmoForCausalLM', 'olmo', BASE),
    'phi': ('PhiForCausalLM', 'phi', without('head_dim', hidden_size=128, num_key_value_heads=4)),
    'phi3': ('Phi3ForCausalLM', 'phi3', {**BASE, 'original_max_position_embeddings': 64}),
    'phi3-long': ('Phi3ForCausalLM', 'phi3', {**BASE, 'max_position_embeddings': 128, 'original_max_position_embeddings': 64, 'rope_parameters': {
        'rope_type': 'longrope', 'type': 'longrope', 'rope_theta': 10000.0, 'short_factor': [1.0] * 8, 'long_factor': [2.0] * 8, 'original_max_position_embeddings': 64}}),
    'qwen2': ('Qwen2ForCausalLM', 'qwen2', BASE),
    'qwen3': ('Qwen3ForCausalLM', 'qwen3', BASE),
    'smollm3': ('SmolLM3ForCausalLM', 'smollm3', BASE),
    'gemma3': ('Gemma3ForConditionalGeneration', 'gemma3', dict(text_config={**BASE, **WINDOW, 'query_pre_attn_scalar': 16}, vision_config=VISION)),
    'gemma4': ('Gemma4UnifiedForConditionalGeneration', 'gemma4_unified', dict(text_config={**BASE, **WINDOW, 'global_head_dim': 16, 'hidden_size_per_layer_input': 0, 'num_kv_shared_layers': 0, 'num_global_key_value_heads': 2})),
    'gemma4-per-layer': ('Gemma4ForConditionalGeneration', 'gemma4', dict(text_config={**BASE, **WINDOW, 'global_head_dim': 16, 'hidden_size_per_layer_input': 32, 'vocab_size_per_layer_input': VOCABULARY, 'num_kv_shared_layers': 0})),
    'mistral3': ('Mistral3ForConditionalGeneration', 'mistral3', dict(text_config={**BASE, 'model_type': 'mistral'}, vision_config=VISION)),
    'qwen2_5_vl': ('Qwen2_5_VLForConditionalGeneration', 'qwen2_5_vl', dict(text_config=without('head_dim', rope_parameters=MROPE), vision_config={**VISION, 'out_hidden_size': 64})),
    'qwen3_vl': ('Qwen3VLForConditionalGeneration', 'qwen3_vl', dict(text_config={**BASE, 'rope_parameters': MROPE}, vision_config={**VISION, 'out_hidden_size': 64})),
    'qwen3_5': ('Qwen3_5ForConditionalGeneration', 'qwen3_5', dict(text_config={**BASE, **LINEAR}, vision_config={**VISION, 'out_hidden_size': 64})),
    'qwen3_5_moe': ('Qwen3_5MoeForConditionalGeneration', 'qwen3_5_moe', dict(text_config={**BASE, **LINEAR, **MOE, 'shared_expert_intermediate_size': 32}, vision_config={**VISION, 'out_hidden_size': 64})),
}
"""name: precision, execution provider, options of the builder"""
STYLES = {
    'genai-fp32': ('fp32', 'cpu', []),
    'genai-q4': ('int4', 'cpu', ['accuracy_level=4']),
    'genai-fp16-webgpu': ('fp16', 'webgpu', []),
    'genai-q4f16-webgpu': ('int4', 'webgpu', []),
}
"""What else the builder can be asked for; with one architecture each."""
OPTIONS = {
    'genai-q4-graph': ('int4', 'webgpu', ['enable_webgpu_graph=true'], ('llama', 'qwen3')),
    'genai-prune': ('fp32', 'cpu', ['prune_lm_head=true'], ('llama', 'lfm2')),
    'genai-embeds': ('fp32', 'cpu', ['exclude_embeds=true'], ('llama', 'gemma3', 'qwen2_5_vl', 'qwen3_vl', 'gemma4-per-layer')),
    'genai-hidden': ('fp32', 'cpu', ['include_hidden_states=true'], ('llama',)),
    'genai-no-head': ('fp32', 'cpu', ['exclude_lm_head=true'], ('llama',)),
    'genai-shared': ('int4', 'cpu', ['shared_embeddings=true'], ('llama-tied', 'granite')),
    'genai-qdq': ('int4', 'cpu', ['use_qdq=true'], ('llama',)),
    'genai-bf16': ('bf16', 'webgpu', [], ('llama',)),
}


def random_weights(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        if parameter.dim() > 1: torch.nn.init.normal_(parameter, std=0.15)
    return model.eval()


def attempt(what, make):
    if os.path.exists(what): return
    try:
        make(what + '.part')
        os.rename(what + '.part', what)
        print('made', what, flush=True)
    except BaseException as e:
        shutil.rmtree(what + '.part', ignore_errors=True)
        print('left out', what, type(e).__name__, ' '.join(str(e).split())[:300], flush=True)
        if isinstance(e, KeyboardInterrupt): raise


def optimum(out, names):
    import transformers
    from optimum.exporters.onnx import onnx_export_from_model
    logging.disable(logging.WARNING)
    for name, settings in OPTIMUM.items():
        if names and name not in names: continue
        for attention in ('sdpa', 'eager'):
            def make(folder):
                config = transformers.AutoConfig.for_model(name, **settings)
                model = random_weights(transformers.AutoModelForCausalLM.from_config(config, attn_implementation=attention))
                onnx_export_from_model(model, folder, task='text-generation-with-past', do_validation=False)
            attempt(f'{out}/optimum-{attention}/{name}', make)
    for kind, name, task in OTHER_TASKS:
        if names and name not in names: continue
        def make(folder):
            config = transformers.AutoConfig.for_model(name, **{**OPTIMUM, **ENCODERS}.get(name, ENCODER))
            onnx_export_from_model(random_weights(getattr(transformers, kind).from_config(config)), folder, task=task, do_validation=False)
        attempt(f'{out}/optimum-{task}/{name}', make)


def quantized(out, names):
    """Optimum's graph in the precisions of the Hub."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
    from onnxruntime.transformers.float16 import convert_float_to_float16
    half = lambda model: convert_float_to_float16(model, keep_io_types=True, disable_shape_infer=True)

    def in_4_bits(source):
        q = MatMulNBitsQuantizer(onnx.load(source), block_size=32, is_symmetric=True, accuracy_level=4)
        q.process()
        return q.model.model

    ways = {
        'fp16': lambda source, target: onnx.save(half(onnx.load(source)), target),
        'q4': lambda source, target: onnx.save(in_4_bits(source), target),
        'q4f16': lambda source, target: onnx.save(half(in_4_bits(source)), target),
        'int8': lambda source, target: quantize_dynamic(source, target, weight_type=QuantType.QInt8),
    }
    for name in QUANTIZED:
        source = f'{out}/optimum-sdpa/{name}'
        if not os.path.exists(source) or (names and name not in names): continue
        for way, write in ways.items():
            def make(folder):
                os.makedirs(folder)
                shutil.copy(f'{source}/config.json', folder)
                write(f'{source}/model.onnx', f'{folder}/model.onnx')
            attempt(f'{out}/optimum-{way}/{name}', make)


def tokenizer():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    words = {'<pad>': 0, '<s>': 1, '</s>': 2, **{chr(33 + i): 3 + i for i in range(VOCABULARY - 3)}}
    whole = Tokenizer(models.WordLevel(words, unk_token='<pad>'))
    whole.pre_tokenizer = pre_tokenizers.Split('', 'isolated')
    return PreTrainedTokenizerFast(tokenizer_object=whole, bos_token='<s>', eos_token='</s>', pad_token='<pad>')


def genai(out, names):
    import transformers
    from onnxruntime_genai.models import builder

    def two_angles(self, config):
        # transformers 5 states both in one place, which this builder does not read for Gemma 3 yet.
        config.rope_theta = config.rope_parameters['full_attention']['rope_theta']
        config.rope_local_base_freq = config.rope_parameters['sliding_attention']['rope_theta']

    builder.Gemma3Model.make_rope_init = two_angles
    cache = f'{out}/cache'
    for name, (kind, model_type, settings) in GENAI.items():
        if names and name not in names: continue
        styles = {**STYLES, **{k: v[:3] for k, v in OPTIONS.items() if name in v[3]}}
        if all(os.path.exists(f'{out}/{style}/{name}') for style in styles): continue
        source = f'{cache}/{name}'
        try:
            if not os.path.exists(source):
                config = transformers.AutoConfig.for_model(model_type, **settings)
                config.architectures = [kind]
                random_weights(getattr(transformers, kind)(config)).save_pretrained(source)
                tokenizer().save_pretrained(source)
        except Exception as e:
            print('left out', name, type(e).__name__, ' '.join(str(e).split())[:300], flush=True)
            continue
        for style, (precision, provider, options) in styles.items():
            def make(folder):
                extra = builder.parse_extra_options('x', source, folder, precision, provider, cache, options)
                builder.create_model('x', source, folder, precision, provider, cache, **extra)
            attempt(f'{out}/{style}/{name}', make)


if __name__ == '__main__':
    {'optimum': optimum, 'quantized': quantized, 'genai': genai}[sys.argv[1]](sys.argv[2], sys.argv[3:])
